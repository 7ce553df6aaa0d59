import Sequencer from '@jest/test-sequencer'

/** Seconds, about: small files whose tests take long. Whether they are right matters for nothing but the time. */
const KNOWN = {
  'scenarios/crash.test.ts': 50,
  'scenarios/adoption.test.ts': 30,
  'core/plan.property.test.ts': 27,
  'scenarios/quiet-log.test.ts': 26,
  'config/import/properties.test.ts': 25,
  'cli/start.test.ts': 22,
  'scenarios/policy.test.ts': 16,
  'scenarios/mesos-trouble.test.ts': 15,
  'core/packing.test.ts': 14,
  'plugins/events.test.ts': 14,
  'scenarios/two-sidecars.test.ts': 12,
}
/** Of what is not known. */
const BYTES_A_MS = 10

/**
 * Longest files first, so that no worker is left alone with one at the end. Jest knows how long they take from the last
 * run; in a fresh clone there was none, and it would go by size alone.
 */
export default class LongestFirst extends Sequencer {
  time(test) {
    const [, name = ''] = test.path.split('/test/')
    return super.time(test) ?? (KNOWN[name] ?? 0) * 1_000 + test.context.hasteFS.getSize(test.path) / BYTES_A_MS
  }
}
