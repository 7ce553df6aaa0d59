import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { inherit, lineageOf, type Own } from '../../src/config/inheritance.ts'
import { mistakesIn, readYaml, templatesIn } from './read-yaml.ts'

const yaml = (text: string): string => text.replace(/^ {6}/gm, '')

describe('a template that says from', () => {
  test('has what its base says, and its own beside it', () => {
    const [base, big] = templatesIn(
      yaml(`
      templates:
        base:
          labels: [linux]
          memMib: { agent: 256, perExecutor: 1024 }
          environment: { A: 1, B: 2 }
          uris: [http://a]
          maxAgents: 3
        big:
          from: base
          memMib: { perExecutor: 4096 }
          environment: { B: 3, C: 4 }
          uris: [http://b, http://c]`),
    )
    expect(big).toMatchObject({
      name: 'big',
      labels: ['linux'],
      memMib: { agent: 256, perExecutor: 4096, factor: 1.1 },
      maxAgents: 3,
      launch: { environment: { A: '1', B: '3', C: '4' }, uris: [{ value: 'http://b' }, { value: 'http://c' }] },
    })
    expect(base).toMatchObject({ memMib: { perExecutor: 1024 }, launch: { environment: { A: '1', B: '2' } } })
  })

  test('goes through a chain of bases, whatever the order in which they are written', () => {
    const templates = templatesIn(
      yaml(`
      templates:
        c: { from: b, priority: 3 }
        b: { from: a, abstract: true, cpus: { agent: 2 } }
        a: { abstract: true, priority: 1, cpus: { agent: 1, perExecutor: 4 } }`),
    )
    expect(templates).toMatchObject([
      { name: 'c', labels: ['c'], priority: 3, cpus: { agent: 2000, perExecutor: 4000 } },
    ])
  })

  test('is as if it were written out: the revision is the same', () => {
    const [one] = templatesIn('templates: { t: { from: b, minIdle: 1 }, b: { abstract: true, cpus: { agent: 1 } } }')
    const [other] = templatesIn('templates: { t: { minIdle: 1, cpus: { agent: 1 } } }')
    expect(one?.revision).toBe(other?.revision)
  })

  test.each([
    ['labels are the name of the template, not that of the base', 'labels: null', { labels: ['t'] }],
    ['a whole container goes', 'container: null', { launch: { container: undefined } }],
    ['one variable goes', 'environment: { A: null, C: 1 }', { launch: { environment: { B: '2', C: '1' } } }],
    ['a number in place of a map', 'executors: 3', { executors: { min: 3, max: 3 } }],
    [
      'a part of the container',
      'container: { network: HOST }',
      { launch: { container: { image: 'x', network: 'HOST' } } },
    ],
    ['a text in place of a map', 'attributes: "a:1"', { constraints: [{ field: 'a', operator: 'IS', value: '1' }] }],
    ['it is not the default template for that', 'priority: 1', { isDefault: false }],
  ])('%s', (_, fields, expected) => {
    const base =
      'labels: [x], defaultTemplate: true, executors: { max: 5 }, container: { image: x }, attributes: { os: l }, environment: { A: 1, B: 2 }'
    const templates = templatesIn(`templates: { base: { ${base} }, t: { from: base, ${fields} } }`)
    expect(templates[1]).toMatchObject(expected)
  })

  test('an abstract template need not be complete, and makes no agents', () => {
    const templates = templatesIn(
      'templates: { a: { abstract: true, container: { network: HOST } }, t: { from: a, container: { image: x } } }',
    )
    expect(templates.map(({ name }) => name)).toEqual(['t'])
  })
})

describe('invariant 11: mistakes in bases are named where they are written', () => {
  test.each<[string, string, readonly RegExp[]]>([
    [
      'a base that does not exist',
      'templates:\n  t:\n    from: bas\n  base: {}',
      [
        /^agents\.yaml, line 3, column 5: templates\.t\.from: there is no template "bas": maybe base is meant \(t -> bas\)\.$/,
      ],
    ],
    ['a base of itself', 'templates: { t: { from: t } }', [/templates\.t\.from: goes round in a circle: t -> t\.$/]],
    [
      'a circle is told once, also where it is only led to',
      'templates: { a: { from: b }, b: { from: c }, c: { from: b }, d: {} }',
      [/templates\.b\.from: goes round in a circle: b -> c -> b\.$/],
    ],
    ['no name', 'templates: { t: { from: [a] } }', [/templates\.t\.from must be text/]],
    [
      'a wrong field of a base is told once',
      'templates:\n  base:\n    mode: x\n  s: { from: base }\n  t: { from: base }',
      [/^agents\.yaml, line 3, column 5: templates\.base\.mode must be one of/],
    ],
    [
      'what is wrong together is told once, for the base',
      'templates:\n  base: { minIdle: 50 }\n  t: { from: base, priority: 1 }',
      [/^agents\.yaml, line 2, column 11: templates\.base\.minIdle: must not be more/],
    ],
    [
      'what is wrong with what another one says points to where it is written',
      'templates:\n  base:\n    minIdle: 10\n  t:\n    from: base\n    maxAgents: 1',
      [/^agents\.yaml, line 3, column 5: templates\.t\.minIdle \(from base\): must not be more than .*, here 2\.$/],
    ],
    [
      'an image that nobody says',
      'templates:\n  base:\n    abstract: true\n    container:\n      network: HOST\n  t: { from: base }',
      [/^agents\.yaml, line 4, column 5: templates\.t\.container \(from base\) needs the field image\.$/],
    ],
    [
      'what a wrong part of a base may have held is not missed',
      'templates: { base: { abstract: true, container: { image: 3 } }, t: { from: base, container: { network: HOST } } }',
      [/templates\.base\.container\.image must be text/],
    ],
    [
      'an entry of a list is whole',
      'templates: { a: { abstract: true, uris: [{ extract: true }] }, t: { from: a } }',
      [/uris\.0 needs the field value/],
    ],
    ['a merge key of YAML', 'templates: { a: &a {}, t: { <<: *a } }', [/templates\.t\."<<" is not known: say from/]],
    ['a base that is no map', 'templates: { base: 3, t: { from: base } }', [/templates\.base must be a map/]],
    [
      'nothing in a template without base',
      'templates: { t: { container: null } }',
      [/templates\.t\.container must be a map/],
    ],
  ])('%s', (_, text, expected) => {
    expect(mistakesIn(text)).toEqual(expected.map((each) => expect.stringMatching(each)))
  })

  test('a base that nobody uses is a warning', () => {
    expect(readYaml('templates: { a: { abstract: true }, t: {} }').warnings).toEqual([
      'agents.yaml, line 1, column 19: templates.a.abstract: is true, and no template says from: a.',
    ])
  })

  test('only bases are no templates', () => {
    expect(mistakesIn('templates: { a: { abstract: true } }')).toEqual([
      expect.stringMatching(/all templates are abstract/),
    ])
  })
})

describe('for all templates', () => {
  const fields = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__'),
    fc.oneof(
      fc.integer(),
      fc.constant(null),
      fc.dictionary(fc.constantFrom('x', 'y'), fc.oneof(fc.integer(), fc.constant(null))),
    ),
  )

  test('a chain is the same, folded from either end', () => {
    const own = fields.map((each): Own => ({ from: undefined, fields: each }))
    fc.assert(
      fc.property(own, own, own, (first, second, third) => {
        const whole = inherit([first, second, third])
        expect(inherit([first, { from: undefined, fields: inherit([second, third]) }])).toEqual(whole)
        expect(Object.getPrototypeOf(whole)).toBe(Object.prototype)
      }),
      { numRuns: 1000 },
    )
  })

  test('a lineage ends, whoever names whom', () => {
    const names = ['a', 'b', 'c', 'd']
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.constantFrom(...names, 'none'), { nil: undefined }), { minLength: 4, maxLength: 4 }),
        (froms) => {
          const templates = new Map(names.map((name, index) => [name, { from: froms[index], fields: {} }]))
          for (const name of names) {
            const { kind, chain } = lineageOf(name, templates)
            expect(chain[0]).toBe(name)
            expect(chain.length).toBeLessThanOrEqual(names.length + 1)
            expect(kind === 'circle').toBe(new Set(chain).size < chain.length)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})
