import { Type } from 'typebox'
import { Compile } from 'typebox/compile'

/** What stands in the znode of a candidate, for people. */
const CandidateSchema = Type.Object({ hostname: Type.String(), pid: Type.Integer(), startedAt: Type.String() })
const CandidateCheck = Compile(CandidateSchema)

export interface Candidate {
  readonly hostname: string
  readonly pid: number
  /** ISO 8601. */
  readonly startedAt: string
}

export function describeCandidate({ hostname, pid, startedAt }: Candidate): string {
  return `process ${pid} on ${hostname}, started at ${startedAt}`
}

/** In words, whatever the znode holds. */
export function nameOf(data: Buffer): string {
  try {
    const candidate: unknown = JSON.parse(data.toString('utf8'))
    return CandidateCheck.Check(candidate) ? describeCandidate(candidate) : 'another instance'
  } catch {
    return 'another instance' // not JSON: whoever it is, it leads
  }
}
