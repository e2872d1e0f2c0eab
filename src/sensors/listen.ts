import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { SallyportError } from '../kit/error.ts'

/** Where to listen. */
export interface ListenAt {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly reusePort?: boolean
}

/** Where it listens. */
export interface Listening {
  readonly port: number
  /** `host:port`; an IPv6 host stands in brackets. */
  readonly address: string
}

/**
 * Begins to listen; faults of the server after that end nothing.
 *
 * @param what Who listens, in words: `OTLP over HTTP`.
 * @throws SallyportError `listen/in-use` where the port is taken; `config/invalid` where the address is none of this machine's, or the
 *   port is not for this user.
 */
export async function listen(server: Server, what: string, at: ListenAt): Promise<Listening> {
  server.listen(at)
  try {
    // Rejects with what the server says instead.
    await once(server, 'listening')
  } catch (cause) {
    throw listenError(what, at, cause)
  }
  server.on('error', () => {})
  const { address, port } = server.address() as AddressInfo
  return { port, address: `${address.includes(':') ? `[${address}]` : address}:${port}` }
}

/**
 * Whether nobody else listens there: who shares a port is not told of others that share it.
 *
 * @throws SallyportError as `listen`
 */
export async function checkFree(what: string, { host, port }: ListenAt): Promise<void> {
  if (port === 0) return
  const server = createServer()
  await listen(server, what, { host, port })
  await new Promise(resolve => server.close(resolve))
}

function listenError(what: string, { host, port }: ListenAt, cause: unknown): SallyportError {
  const { code } = cause as NodeJS.ErrnoException
  const where = `${host}:${port}`
  const sentence = `${what} cannot listen on ${where}.`
  return code === 'EADDRINUSE'
    ? new SallyportError('listen/in-use', sentence, { where, mend: mends.EADDRINUSE, cause })
    : new SallyportError('config/invalid', sentence, {
        where,
        mend: mends[code === 'EACCES' || code === 'EADDRNOTAVAIL' ? code : 'other'],
        cause,
      })
}

const mends = {
  EADDRINUSE: 'The port is in use: stop what listens there, or choose another port.',
  EACCES: 'This user may not open the port: choose one of 1024 or more.',
  EADDRNOTAVAIL: 'The address is none of this machine: choose one that it has, such as 127.0.0.1.',
  other: 'Choose an address of this machine and a port that this user may open.',
}
