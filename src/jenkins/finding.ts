import { permissionName } from './answers.ts'
import { JenkinsError } from './errors.ts'

/** One thing that the sidecar needs of Jenkins. */
export interface Finding {
  /** Nothing wrong was seen; also where it could not be tried. */
  readonly ok: boolean
  /** What was looked at, as `take nodes offline`. */
  readonly what: string
  /** What was found, for a person. */
  readonly detail: string
  /** As the security settings name it, `Agent/Create`; only where that is what is missing. */
  readonly missingPermission?: string
  /** Whether the user has this right is not known: Jenkins gave no way to try it. */
  readonly untriedPermission?: string
  /** What to do about it; `undefined` if `ok`. */
  readonly fix?: string
}

/** @throws what is no failure of Jenkins, such as the reason of an abort */
export async function attempt(what: string, act: () => Promise<string>): Promise<Finding> {
  try {
    return { ok: true, what, detail: await act() }
  } catch (thrown) {
    if (!(thrown instanceof JenkinsError)) throw thrown
    const permission = thrown.permission === undefined ? undefined : permissionName(thrown.permission)
    return {
      ok: false,
      what,
      detail: thrown.message,
      ...(permission !== undefined && { missingPermission: permission, fix: `Grant ${permission} to the user.` }),
      ...(permission === undefined && { fix: 'See the message.' }),
    }
  }
}

export function untried(what: string, permission: string, why: string): Finding {
  return { ok: true, what, detail: `could not be tried (${permission}): ${why}`, untriedPermission: permission }
}
