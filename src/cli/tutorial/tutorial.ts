import { type CommandIo, EXIT_FAILED, EXIT_OK } from '../io.ts'
import { podStep } from './pod-step.ts'
import { Stage } from './stage.ts'
import { buildsStep, clusterStep, jenkinsStep, labelsStep } from './steps.ts'
import { crashStep, failoverStep } from './trouble-steps.ts'

const STEPS = [
  { name: 'cluster', play: clusterStep },
  { name: 'jenkins', play: jenkinsStep },
  { name: 'builds', play: buildsStep },
  { name: 'labels', play: labelsStep },
  { name: 'crash', play: crashStep },
  { name: 'failover', play: failoverStep },
  { name: 'pod', play: podStep },
] as const

type Step = (typeof STEPS)[number]

/** Each by its number or its name; `undefined`: there is none. */
export function stepOf(word: string): Step | undefined {
  return STEPS.find(({ name }, index) => word === name || word === String(index + 1))
}

/** `1 cluster, 2 jenkins, …` */
export const stepWords = STEPS.map(({ name }, index) => `${index + 1} ${name}`).join(', ')

/** `tutorial STEP`: plays it on embedded systems, says what happens, and compares it with what must be. */
export async function tutorial(step: Step, io: CommandIo): Promise<number> {
  try {
    if (await Stage.play(io, step.play)) return EXIT_OK
    io.err('Something was not as it must be: see the lines that begin with NO.')
    return EXIT_FAILED
  } catch (error) {
    if (!io.stopped.aborted) throw error
    io.err('Stopped; all that this step had started has been ended.')
    return EXIT_FAILED
  }
}
