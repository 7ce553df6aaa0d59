import type { Connect } from '../../src/zookeeper/transport.ts'
import type { Pause } from './pause.ts'

/** Connections of one process: with its end they are closed, and nothing comes over them any more. */
export function mortalConnect(connect: Connect, dead: AbortSignal, pause: Pause): Connect {
  return (server, listener) => {
    const alive = (run: () => void): void => {
      pause.answer(() => {
        if (!dead.aborted) run()
      })
    }
    const stream = connect(server, {
      onOpen: () => {
        alive(listener.onOpen)
      },
      onData: (chunk) => {
        alive(() => {
          listener.onData(chunk)
        })
      },
      onClose: (why) => {
        alive(() => {
          listener.onClose(why)
        })
      },
    })
    dead.addEventListener('abort', () => {
      stream.destroy()
    })
    return {
      write: (bytes) => {
        if (!dead.aborted) stream.write(bytes)
      },
      destroy: () => {
        stream.destroy()
      },
    }
  }
}
