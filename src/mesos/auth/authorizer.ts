/**
 * Gives the value of the `Authorization` header for a request to this origin; `undefined`: send none.
 * `rejected` is a value that was just answered with 401: give a newer one, or the same again where there is none.
 * @throws MesosError MESOS_LOGIN_FAILED or MESOS_UNAUTHORIZED where there is none to be had
 */
export type Authorizer = (origin: string, rejected?: string) => Promise<string | undefined>

/** For clusters without authentication. */
export async function none(): Promise<undefined> {
  return undefined
}
