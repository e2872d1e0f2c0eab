import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { systemClock } from '../../kit/clock.ts'
import type { Verdict } from '../guard.ts'
import { RecordingGuard } from '../recording-guard.ts'
import { Gateway, type GatewayOptions } from './gateway.ts'

/** For the gateway's tests: a real upstream, a real gateway before it, and sockets to write odd bytes to. */

export { needsNothing, RecordingGuard } from '../recording-guard.ts'

export const blockVerdict: Verdict = {
  action: 'block',
  decisionId: 'd-1',
  policy: 'no-bulk',
  status: 403,
  reason: 'This request is not allowed.',
}

export interface Site {
  readonly gateway: Gateway
  readonly guard: RecordingGuard
  readonly port: number
  readonly url: string
}

const closers: (() => Promise<void> | void)[] = []

/** Closes everything the fixture opened; call after each test. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

export async function httpUpstream(listener: RequestListener): Promise<{ server: HttpServer; url: URL }> {
  const server = createHttpServer(listener)
  return { server, url: await listening(server) }
}

/** An upstream that is nothing but sockets. */
export async function rawUpstream(onSocket: (socket: Socket) => void): Promise<{ server: Server; url: URL }> {
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  const sockets = new Set<Socket>()
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { server, url: await listening(server) }
}

/** Answers every request head it reads with the next of `answers`, the last one again and again. */
export function scripted(...answers: (string | ((socket: Socket) => void))[]): (socket: Socket) => void {
  let next = 0
  return socket => {
    let text = ''
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      text = ''
      const answer = answers[Math.min(next, answers.length - 1)]!
      next += 1
      if (typeof answer === 'string') socket.write(answer, 'latin1')
      else answer(socket)
    })
  }
}

async function listening(server: HttpServer | Server): Promise<URL> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  closers.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

export async function siteBefore(
  upstream: URL,
  options: Partial<GatewayOptions> = {},
  guard: RecordingGuard = new RecordingGuard(),
): Promise<Site> {
  const gateway = new Gateway({ host: '127.0.0.1', port: 0, upstream, ...options }, guard, systemClock)
  const { port } = await gateway.listen()
  closers.push(() => gateway.close(0))
  return { gateway, guard, port, url: `http://127.0.0.1:${port}` }
}

/** A client that writes bytes and reads bytes. */
export class RawClient {
  readonly socket: Socket
  readonly closed: Promise<void>
  text = ''
  #waiting: (() => void)[] = []
  #gone = false

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => undefined)
    this.socket.on('data', chunk => {
      this.text += chunk.toString('latin1')
      this.#wake()
    })
    this.closed = new Promise(resolve => {
      this.socket.on('close', () => {
        this.#gone = true
        this.#wake()
        resolve()
      })
    })
    closers.push(() => {
      this.socket.destroy()
    })
  }

  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  /** Everything read, once `wanted` has come, or the connection has closed. */
  async until(wanted: string | RegExp): Promise<string> {
    while (
      !this.#gone &&
      (typeof wanted === 'string' ? !this.text.includes(wanted) : !wanted.test(this.text))
    ) {
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
    return this.text
  }

  async untilClosed(): Promise<string> {
    await this.closed
    return this.text
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

export const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8')
