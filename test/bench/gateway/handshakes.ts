import { readFileSync } from 'node:fs'
import { connect, type SecureVersion } from 'node:tls'

const ca = readFileSync(new URL('../../fixtures/tls/authority.pem', import.meta.url))
/** Handshakes side by side. */
const together = 8

interface Handshake {
  readonly reused: boolean
  readonly session: Buffer | undefined
}

/** One connection: a handshake, one request, and the end. */
function handshake(port: number, version: SecureVersion, before?: Buffer): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined
    const socket = connect({
      ...{ port, host: '127.0.0.1', servername: 'shop.example', ca },
      ...{ minVersion: version, maxVersion: version },
      ...(before === undefined ? {} : { session: before }),
    })
    socket.on('session', given => {
      session = given
    })
    socket.once('data', () => {
      resolve({ reused: socket.isSessionReused(), session })
      socket.destroy()
    })
    socket.once('error', reject)
    socket.write('GET /orders HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\n\r\n')
  })
}

/**
 * Makes connections for `seconds` and says how many, each with one small request. With `resumed` each goes on with the session of a first
 * one; it throws where the other side does not take that.
 */
export async function handshakes(
  port: number,
  version: SecureVersion,
  resumed: boolean,
  seconds: number,
): Promise<number> {
  const session = resumed ? (await handshake(port, version)).session : undefined
  if (resumed && session === undefined) throw new Error(`port ${port} gives no session to go on with`)
  const until = performance.now() + seconds * 1_000
  let made = 0
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      const { reused } = await handshake(port, version, session)
      if (reused !== resumed) throw new Error(`port ${port}: resumed is ${reused}, not ${resumed}`)
      made += 1
    }
  }
  await Promise.all(Array.from({ length: together }, one))
  return made
}
