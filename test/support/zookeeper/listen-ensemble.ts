import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { Ensemble } from '../../../src/core/ensemble.ts'
import type { SimulatedEnsemble } from './simulated-ensemble.ts'

const LOOPBACK = '127.0.0.1'

/** A simulated ensemble on sockets. */
export interface ListeningEnsemble {
  readonly servers: Ensemble['servers']
  readonly close: () => Promise<void>
}

/** Puts each server of a simulated ensemble on a free port of loopback. */
export async function listenEnsemble(ensemble: SimulatedEnsemble): Promise<ListeningEnsemble> {
  const sockets = new Set<Socket>()
  const servers = await Promise.all(ensemble.servers.map((_, at) => listen(ensemble, at, sockets)))
  return {
    servers: servers.map((server) => ({ host: LOOPBACK, port: (server.address() as AddressInfo).port })),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

function listen(ensemble: SimulatedEnsemble, at: number, sockets: Set<Socket>): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    const connection = ensemble.accept(at, {
      send: (bytes) => {
        socket.write(bytes)
      },
      close: () => {
        socket.end()
      },
    })
    socket.on('data', (chunk) => connection?.receive(chunk))
    // A reset is an end like any other.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      connection?.left()
    })
    if (connection === undefined) socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => {
      resolve(server)
    })
  })
}
