import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { messageOf } from '../core/code-of.ts'
import { type TlsFiles, tlsOptions } from '../core/tls.ts'
import { explainTls } from '../core/tls-errors.ts'
import type { ByteStream, ByteStreamListener, Connect, ServerAddress } from './transport.ts'

/** TCP, or TLS where files are given: the server's certificate must be of that authority and name the host. */
export function socketConnect(tls: TlsFiles | undefined): Connect {
  return (server, listener) => (tls === undefined ? overTcp(server, listener) : overTls(server, tls, listener))
}

function overTcp({ host, port }: ServerAddress, listener: ByteStreamListener): ByteStream {
  const socket = connectTcp({ host, port, noDelay: true })
  socket.once('connect', listener.onOpen)
  return watched(socket, listener, messageOf)
}

function overTls({ host, port }: ServerAddress, tls: TlsFiles, listener: ByteStreamListener): ByteStream {
  const socket = connectTls({
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    ...tlsOptions(tls),
  })
  socket.setNoDelay(true)
  socket.once('secureConnect', listener.onOpen)
  const explain = (error: Error): string => explainTls(error, 'ZOOKEEPER', 'https:') ?? messageOf(error)
  return watched(socket, listener, explain)
}

function watched(socket: Socket, listener: ByteStreamListener, explain: (error: Error) => string): ByteStream {
  let left = false
  let why = 'the server closed it'
  socket.on('data', (chunk) => {
    if (!left) listener.onData(chunk)
  })
  socket.on('error', (error) => {
    why = explain(error)
  })
  socket.on('close', () => {
    if (!left) listener.onClose(why)
    left = true
  })
  return {
    write: (bytes) => {
      socket.write(bytes)
    },
    destroy: () => {
      left = true
      socket.destroy()
    },
  }
}
