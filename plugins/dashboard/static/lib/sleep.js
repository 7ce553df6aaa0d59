/**
 * @param {number} ms
 * @param {AbortSignal} signal ends it early; nothing of it stays on the signal afterwards, which may live for days
 */
export async function sleep(ms, signal) {
  await new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(undefined)
    }
    const timer = setTimeout(end, signal.aborted ? 0 : ms)
    signal.addEventListener('abort', end)
  })
}
