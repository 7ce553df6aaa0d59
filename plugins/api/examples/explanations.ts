import { AT, agentExplanation, item, standing, templateReport, wish } from './parts.ts'

const asks = 'label linux && jdk21: linux'

export const itemDetails = { ...item, standing, asks, candidates: wish } as const

export const explanation = {
  now: AT,
  total: 5,
  offset: 0,
  items: [{ ...item, standing, asks }],
  wishes: { [asks]: wish },
  templates: [templateReport],
  agents: [agentExplanation],
  problems: [],
} as const

export const dryRun = {
  now: AT,
  since: AT - 3_600_000,
  words: 'For 41 of 46 builds that waited an agent would have been launched.',
  counts: {
    seen: 46,
    left: 44,
    launched: 41,
    servedByOthers: 3,
    notPlaced: 0,
    blocked: 0,
    unserved: 0,
    unknown: 0,
  },
  waitedSeconds: { count: 44, p50: 71, p95: 240, max: 610 },
  launchedAfterSeconds: { count: 41, p50: 2, p95: 4, max: 9 },
  waiting: [],
  done: [
    {
      itemId: '1187',
      job: 'shop/checkout',
      label: 'linux && jdk21',
      template: 'linux',
      state: 'starting',
      words: 'an agent of template linux would start for it on host-3.example.com',
      since: AT - 95_000,
      wantedAt: AT - 94_000,
      launchedAt: AT - 93_000,
      hostname: 'host-3.example.com',
      leftAt: AT - 20_000,
    },
  ],
} as const
