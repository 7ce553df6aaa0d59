import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { EmbeddedEnsemble, ServerAddress } from './embedded-ensemble.ts'

const LOOPBACK = '127.0.0.1'

/** An embedded ensemble on sockets. */
export interface ListeningEnsemble {
  readonly servers: readonly ServerAddress[]
  readonly close: () => Promise<void>
}

/** Puts each server of an embedded ensemble on a free port of loopback. @param tls [TCP in clear] */
export async function listenEnsemble(ensemble: EmbeddedEnsemble, tls?: TlsOptions): Promise<ListeningEnsemble> {
  const sockets = new Set<Socket>()
  const servers = await Promise.all(ensemble.servers.map((_, at) => listen(ensemble, at, sockets, tls)))
  return {
    servers: servers.map((server) => ({ host: LOOPBACK, port: (server.address() as AddressInfo).port })),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

function listen(ensemble: EmbeddedEnsemble, at: number, sockets: Set<Socket>, tls?: TlsOptions): Promise<Server> {
  const take = (socket: Socket): void => {
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
  }
  const server =
    tls === undefined
      ? createServer({ noDelay: true }, take)
      : createTlsServer(tls, take).on('tlsClientError', (_, socket: TLSSocket) => {
          socket.destroy()
        })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => {
      resolve(server)
    })
  })
}
