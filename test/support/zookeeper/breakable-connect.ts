import type { ByteStream, Connect } from '../../../src/zookeeper/transport.ts'

/** A way to the servers that a test may break. */
export interface BreakableConnect {
  readonly connect: Connect
  /** Breaks what is connected; connecting again works. */
  readonly cut: () => void
  /** From now on nothing gets through, either way, and nobody is told. */
  readonly block: () => void
  readonly unblock: () => void
}

export function breakable(way: Connect): BreakableConnect {
  const cuts = new Set<() => void>()
  let blocked = false
  const connect: Connect = (server, listener) => {
    let swallowed = blocked
    let over = false
    const heard =
      <A extends unknown[]>(tell: (...args: A) => void) =>
      (...args: A): void => {
        swallowed ||= blocked
        if (!swallowed && !over) tell(...args)
      }
    const stream: ByteStream = way(server, {
      onOpen: heard(listener.onOpen),
      onData: heard(listener.onData),
      onClose: heard((why: string) => {
        cuts.delete(cut)
        listener.onClose(why)
      }),
    })
    const cut = (): void => {
      over = true
      cuts.delete(cut)
      stream.destroy()
      queueMicrotask(() => {
        listener.onClose('cut by the test')
      })
    }
    cuts.add(cut)
    return {
      write: (bytes) => {
        swallowed ||= blocked
        if (!swallowed) stream.write(bytes)
      },
      destroy: () => {
        over = true
        cuts.delete(cut)
        stream.destroy()
      },
    }
  }
  return {
    connect,
    cut: () => {
      for (const cut of [...cuts]) cut()
    },
    block: () => {
      blocked = true
    },
    unblock: () => {
      blocked = false
    },
  }
}
