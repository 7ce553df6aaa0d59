import { useEffect } from '../vendor/preact.js'
import { Store, useStore } from './store.js'

let aheadMs = 0
const tick = new Store(0)
let users = 0
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer

/** @param {number} now of the sidecar, just told */
export function setServerNow(now) {
  aheadMs = now - Date.now()
}

/** The sidecar's time, as far as its last answer tells. */
export function serverNow() {
  return Date.now() + aheadMs
}

/** The sidecar's time, again each second. */
export function useNow() {
  useStore(tick)
  useEffect(() => {
    users += 1
    timer ??= setInterval(() => {
      tick.set(tick.value + 1)
    }, 1_000)
    return () => {
      users -= 1
      if (users > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }, [])
  return serverNow()
}
