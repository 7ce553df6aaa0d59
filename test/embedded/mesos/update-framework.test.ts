/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import type { HostSpec } from '../../../src/embedded/mesos/host-spec.ts'
import { CAPABILITIES, Client, HOST, type Json, recorded, scalar, task, text, type World, world } from './client.ts'

const { steps } = recorded('21-update-framework')
const HOSTS: readonly HostSpec[] = [
  {
    hostname: '127.0.0.1',
    authority: '127.0.0.1:5411',
    resources: { cpus: 4, memMib: 4096, diskMib: 1024, ports: [{ begin: 31000, end: 31100 }] },
    attributes: { os: 'linux', rack: 'r1' },
  },
  {
    hostname: '127.0.0.2',
    authority: '127.0.0.2:5412',
    resources: { cpus: 1, memMib: 512, diskMib: 1024, ports: [{ begin: 32000, end: 32100 }] },
    attributes: { os: 'windows', rack: 'r2', cores: '8' },
  },
]

interface Case {
  readonly name: string
  readonly update: Json
  readonly response: { readonly status: number; readonly body: string }
  readonly seen: readonly string[]
}

/** Each recorded case: its call, the answer, and which hosts were offered in which role while it held. */
function cases(): Case[] {
  const found: Case[] = []
  for (const [index, { kind, text: note }] of steps.entries()) {
    if (kind !== 'note' || !note.startsWith('CASE ')) continue
    const call = steps[Number(index) + 1]
    const seen = steps.slice(index).find((step: Json) => step.kind === 'note' && step.text.startsWith('offers seen'))
    found.push({
      name: note.slice('CASE '.length),
      update: call.request.body.update_framework,
      response: call.response,
      seen: [...(seen?.text ?? '').matchAll(/\('([\d.]+)', \[[\d.]+\], (?:'(\w+)'|None)\)/g)].map(
        (match) => `${match[1]} ${match[2] ?? 'none'}`,
      ),
    })
  }
  return found
}

async function subscribed(): Promise<{ there: World; client: Client }> {
  const there = await world({ hosts: HOSTS })
  const client = await Client.subscribe(there, { failover_timeout: 60 })
  return { there, client }
}

async function decline(client: Client, from: number): Promise<void> {
  const ids = client.offers.slice(from).map(({ id }) => id)
  if (ids.length > 0)
    await client.send({ type: 'DECLINE', decline: { offer_ids: ids, filters: { refuse_seconds: 0.5 } } })
}

async function update(client: Client, update_framework: Json) {
  const { framework_info } = update_framework
  const known = framework_info.id?.value
  const id = known === undefined ? undefined : { value: known === 'zzz' ? 'zzz' : client.frameworkId }
  return client.send({
    type: 'UPDATE_FRAMEWORK',
    update_framework: { ...update_framework, framework_info: { ...framework_info, id } },
  })
}

describe('UPDATE_FRAMEWORK', () => {
  test.each(cases().map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const { there, client } = await subscribed()
    await decline(client, 0)
    await there.clock.advance(1_500)
    const answer = await update(client, one.update)
    expect([answer.status, text(answer)]).toEqual([one.response.status, one.response.body])
    if (answer.status !== 200) return

    const from = client.offers.length
    for (let round = 0; round < 6; round++) {
      const before = client.offers.length
      await there.clock.advance(500)
      await decline(client, before)
    }
    const seen = client.offers
      .slice(from)
      .map(({ hostname, allocation_info }) => `${hostname} ${allocation_info?.role ?? 'none'}`)
    expect([...new Set(seen)].sort()).toEqual([...one.seen].sort())
  })

  test('a constraint that excludes an offer leaves it out; a role that is left takes its offers back', async () => {
    const { client } = await subscribed()
    const recordedUpdates = steps.filter((step: Json) => step.request?.body?.type === 'UPDATE_FRAMEWORK').slice(-2)
    expect(recordedUpdates[1].request.body.update_framework.framework_info.roles).toEqual(['extra'])
    await update(client, recordedUpdates[0].request.body.update_framework)
    expect(client.events.filter(({ type }) => type === 'RESCIND')).toEqual([])
    await update(client, recordedUpdates[1].request.body.update_framework)
    expect(client.events.filter(({ type }) => type === 'RESCIND').map(({ rescind }) => rescind.offer_id)).toEqual(
      client.offers.map(({ id }) => id).reverse(),
    )
  })
})

describe('who is offered which host', () => {
  const info = (...extra: string[]) => ({ capabilities: [...CAPABILITIES, ...extra].map((type) => ({ type })) })

  test('hosts with GPUs go to frameworks with GPU_RESOURCES, and gpus are whole', async () => {
    const gpu: HostSpec = { ...HOST, resources: { ...HOST.resources, gpus: 2, scalars: { licences: 5 } } }
    const there = await world({ hosts: [gpu] })
    const plain = await Client.subscribe(there)
    expect(plain.offers).toEqual([])
    const client = await Client.subscribe(there, info('GPU_RESOURCES'))
    const has = Object.fromEntries(client.lastOffer.resources.map((one: Json) => [one.name, one.scalar?.value]))
    expect(has).toMatchObject({ gpus: 2, licences: 5 })
    const wants = (gpus: number, licences: number) => [
      scalar('cpus', 1),
      scalar('mem', 64),
      scalar('gpus', gpus),
      scalar('licences', licences),
    ]
    await client.accept([
      task('half', 'sleep 1', { resources: wants(0.5, 1) }),
      task('whole', 'sleep 9', { resources: wants(1, 2) }),
    ])
    await there.clock.advance(1_000)
    expect(client.updates[0]).toMatchObject({
      state: 'TASK_ERROR',
      message: "The 'gpus' resource must be an unsigned integer",
    })
    expect(client.states('whole')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
    const left = Object.fromEntries(client.lastOffer.resources.map((one: Json) => [one.name, one.scalar?.value]))
    expect(left).toMatchObject({ gpus: 1, licences: 3 })
  })

  test('hosts of another region go to frameworks with REGION_AWARE, other zones to everybody', async () => {
    const hosts = ['near', 'zone', 'far'].map((hostname, index) => ({
      ...HOST,
      hostname,
      authority: `127.0.0.${index + 1}:5151`,
      faultDomain: { region: hostname === 'far' ? 'us' : 'eu', zone: hostname === 'zone' ? 'b' : 'a' },
    }))
    const there = await world({ hosts, faultDomain: { region: 'eu', zone: 'a' } })
    const plain = await Client.subscribe(there)
    expect(plain.offers.map(({ hostname }) => hostname).sort()).toEqual(['near', 'zone'])
    const aware = await Client.subscribe(there, info('REGION_AWARE'))
    expect(aware.offers).toMatchObject([
      { hostname: 'far', domain: { fault_domain: { region: { name: 'us' }, zone: { name: 'a' } } } },
    ])
  })

  test('what is freed beside an outstanding offer comes as a second offer of the same host', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.accept([task('t', 'sleep 3')])
    await there.clock.advance(1_500)
    const rest = client.lastOffer
    await there.clock.advance(3_000)
    expect(client.states('t').at(-1)).toBe('TASK_FINISHED')
    expect(client.events.some(({ type }) => type === 'RESCIND')).toBe(false)
    const part = client.lastOffer
    expect(part.agent_id).toEqual(rest.agent_id)
    expect(part.resources.map((one: Json) => [one.name, one.scalar?.value])).toEqual([
      ['cpus', 0.5],
      ['mem', 64],
    ])
    await client.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [rest.id, part.id],
        operations: [
          {
            type: 'LAUNCH',
            launch: {
              task_infos: [
                { ...task('both'), agent_id: rest.agent_id, resources: [scalar('cpus', 8), scalar('mem', 8192)] },
              ],
            },
          },
        ],
      },
    })
    await there.clock.advance(500)
    expect(client.states('both')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
  })
})
