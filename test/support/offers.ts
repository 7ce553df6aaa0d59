import fc from 'fast-check'
import { mergeOffers } from '../../src/core/match.ts'
import type { Offer } from '../../src/core/offer.ts'
import type { HostOffer } from '../../src/core/stages.ts'
import { anOffer } from './builders.ts'

/** A host that offers so much to one role. */
export function aHost(n: number, cpus: number, memMib: number, role = '*'): HostOffer {
  const [merged] = mergeOffers([anOffer({ host: n, role, free: { cpus, mem: memMib * 1000 } })])
  if (merged === undefined) throw new Error('one offer makes one host')
  return merged
}

const anyOffer = (index: number): fc.Arbitrary<Offer> =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('*', 'ci'),
      fc.integer({ min: 0, max: 8_000 }),
      fc.integer({ min: 0, max: 8_192 }),
    )
    .map(([at, role, cpus, mem]) => anOffer({ id: `O${index}`, host: at, role, free: { cpus, mem: mem * 1000 } }))

/** Up to twelve, of five hosts and two roles. */
export const anyOffers = fc
  .nat({ max: 12 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, n) => anyOffer(n))))
