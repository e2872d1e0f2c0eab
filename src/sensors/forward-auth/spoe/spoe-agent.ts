import type { Socket } from 'node:net'
import type { RawBody } from '../../../call/raw-exchange.ts'
import type { Clock } from '../../../kit/clock.ts'
import type { CounterSet } from '../../../kit/counters.ts'
import { ExchangeIds } from '../../gateway/exchange-id.ts'
import { verdictAnswer } from '../../gateway/problem-answer.ts'
import { type Guard, refuses, type Verdict } from '../../guard.ts'
import { AskedRequest } from '../asked-request.ts'
import { ascii } from '../auth-answer.ts'
import type { ForwardAuthOptions } from '../forward-auth-options.ts'
import { answerable } from '../header-answer.ts'
import { OpenTable } from '../open-table.ts'
import { hostName, isTarget } from '../original-request.ts'
import {
  ackFrame,
  disconnectFrame,
  frameTypes,
  helloFrame,
  readFrame,
  readHeaderBlock,
  readMessages,
  readPairs,
  type SpopFrame,
  type SpopMessage,
} from './spop-frame.ts'
import { SpopFault, type SpopValue, spopStatus } from './spop-reader.ts'

/** Bytes of a frame: HAProxy's largest is its buffer less four, 16,380 unless it was set otherwise. */
const maxFrameBytes = 1024 * 1024

type Variable = readonly [string, string | number | boolean]

/** HAProxy's agent: decides on its messages `sallyport-request` and `sallyport-response`, and answers with variables of the transaction. */
export class SpoeAgent {
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #counters: CounterSet
  readonly #options: ForwardAuthOptions
  readonly #ids = new ExchangeIds()
  readonly #open: OpenTable<AskedRequest>
  readonly #onCall: (time: number) => void

  constructor(
    guard: Guard,
    clock: Clock,
    counters: CounterSet,
    options: ForwardAuthOptions,
    onCall: (time: number) => void,
  ) {
    this.#guard = guard
    this.#clock = clock
    this.#counters = counters
    this.#options = options
    this.#onCall = onCall
    // An answer that never came: the call is known as far as it was seen.
    this.#open = new OpenTable(options.maxOpen, options.openMs, request => this.#observe(request))
  }

  /** Speaks the protocol on a connection of a trusted proxy until that ends. */
  serve(socket: Socket): void {
    let held: Buffer = Buffer.alloc(0)
    let greeted = false
    socket.setTimeout(0)
    socket.on('error', () => {})
    const end = (status: number, message: string): void => {
      if (status !== 0) this.#counters.add('sallyport_spoe_faults_total')
      socket.end(disconnectFrame(status, message))
      socket.removeAllListeners('data')
      socket.resume()
    }
    const take = (bytes: Buffer): boolean => {
      const frame = readFrame(bytes)
      if (!greeted) {
        if (frame.type !== frameTypes.haproxyHello)
          throw new SpopFault(spopStatus.invalid, 'The first frame is no HAPROXY-HELLO.')
        const hello = readPairs(frame.payload)
        if (
          !text(hello.get('supported-versions'))
            .split(',')
            .some(version => version.trim() === '2.0')
        )
          throw new SpopFault(spopStatus.version, 'Version 2.0 is spoken here.')
        const size = hello.get('max-frame-size')
        if (typeof size !== 'number' || size < 256)
          throw new SpopFault(spopStatus.invalid, 'HAPROXY-HELLO tells no max-frame-size.')
        greeted = true
        socket.write(helloFrame(Math.min(size, maxFrameBytes)))
        if (hello.get('healthcheck') !== true) return true
        socket.end()
        return false
      }
      if (frame.type === frameTypes.haproxyDisconnect) {
        end(0, 'Good bye.')
        return false
      }
      if (frame.type === frameTypes.notify && frame.finished)
        this.#ack(frame, ack => socket.writable && socket.write(ack))
      // Frames of other types are to be ignored; pieces of one are not asked for.
      else if (frame.type <= frameTypes.notify)
        throw new SpopFault(spopStatus.invalid, 'Frames in pieces are not taken here.')
      return true
    }
    socket.on('data', (chunk: Buffer) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      try {
        while (held.length >= 4) {
          const length = held.readUInt32BE(0)
          if (length > maxFrameBytes) throw new SpopFault(spopStatus.tooBig, 'A frame is too big.')
          if (held.length < 4 + length) return
          const frame = held.subarray(4, 4 + length)
          held = held.subarray(4 + length)
          if (!take(frame)) return
        }
      } catch (thrown) {
        if (thrown instanceof SpopFault) end(thrown.status, thrown.message)
        else end(spopStatus.unknown, 'Something went wrong inside Sallyport.')
      }
    })
  }

  sweep(now: number): void {
    this.#open.sweep(now)
  }

  /** Hands on what still waits for its answer. */
  close(): void {
    this.#open.clear()
  }

  /** Answers at once, or when the budgets that it rests on have answered: frames that come meanwhile do not wait for it. */
  #ack(frame: SpopFrame, answer: (ack: Buffer) => void): void {
    const variables: Variable[] = []
    const settling: Promise<unknown>[] = []
    const add = (more: readonly Variable[]): unknown => variables.push(...more)
    for (const message of readMessages(frame.payload)) {
      if (message.name === 'sallyport-request') {
        const request = this.#request(message, add)
        if (request !== undefined) settling.push(request)
      } else if (message.name === 'sallyport-response') add(this.#response(message))
    }
    const acknowledge = (): void => answer(ackFrame(frame, variables))
    if (settling.length === 0) acknowledge()
    else void Promise.all(settling).then(acknowledge)
  }

  #request(
    { values }: SpopMessage,
    tell: (variables: readonly Variable[]) => void,
  ): Promise<void> | undefined {
    const now = this.#clock.now()
    const method = text(values.get('method'))
    const target = text(values.get('target'))
    const block = values.get('headers')
    // A fault would end the connection, and with it what else is asked on it: a client must not be able to bring that about.
    if (method === '' || !isTarget(target) || !Buffer.isBuffer(block)) {
      this.#counters.add('sallyport_spoe_faults_total')
      tell(variablesOf(unreadable))
      return undefined
    }
    const headers = readHeaderBlock(block).filter(([name]) => !unvouched(name))
    const host = headers.find(([name]) => name === 'host')?.[1] ?? ''
    const ip = text(values.get('source'))
    const body = bodyOf(values.get('body'), values.get('body-size'))
    const request = new AskedRequest(
      this.#guard,
      {
        id: this.#ids.next(now),
        time: now,
        source: ip === '' ? {} : { ip },
        destination: { host: hostName(host === '' ? 'unknown' : host) },
        method,
        target,
        httpVersion: text(values.get('version')) || '1.1',
        headers,
      },
      this.#counters,
    )
    this.#onCall(now)
    if (body !== undefined && body.size > 0) request.keepBody(body)
    if (request.wantsBody) request.decideBody(body ?? { bytes: noBytes, size: 0, truncated: false })
    const awaits = values.get('response') === true
    const settling = request.settle()
    if (settling !== undefined) return settling.then(() => tell(this.#decided(request, awaits, now)))
    tell(this.#decided(request, awaits, now))
    return undefined
  }

  /** @param answered the answer will be asked about too */
  #decided(request: AskedRequest, answered: boolean, now: number): Variable[] {
    const { verdict, needs } = request
    const variables: Variable[] = [...variablesOf(verdict)]
    if (verdict.action === 'amend' && verdict.body !== undefined) request.undone('request-body')
    const awaits = answered && !refuses(verdict)
    if (awaits) {
      variables.push(['handle', request.request.id], ['response_body', needs.responseBody])
      this.#open.put(request.request.id, request, now)
    } else {
      if (!refuses(verdict) && (needs.response || needs.responseBody)) request.undone('response')
      this.#observe(request)
    }
    return variables
  }

  #response({ values }: SpopMessage): Variable[] {
    const now = this.#clock.now()
    const request = this.#open.take(text(values.get('handle')), now)
    if (request === undefined) return []
    const status = values.get('status')
    const body = bodyOf(values.get('body'), values.get('body-size'))
    const headers = readHeaderBlock(bytes(values.get('headers')))
    const verdict = request.decideResponse({ status: typeof status === 'number' ? status : 0, headers }, body)
    if (verdict.action === 'amend' && verdict.body !== undefined) request.undone('response-body')
    this.#observe(request, now - request.request.time)
    return variablesOf(verdict)
  }

  #observe(request: AskedRequest, durationMs?: number): void {
    const { observe } = this.#options
    if (observe === 'none' || (observe === 'refused' && !refuses(request.verdict))) return
    this.#guard.observe(request.record(durationMs))
  }
}

/** A request that HAProxy lets in and that tells no path, such as CONNECT. */
const unreadable: Verdict = {
  action: 'block',
  decisionId: '',
  policy: '',
  status: 400,
  reason: 'This request cannot be decided on.',
}

const noBytes = new Uint8Array(0)

/** A pass sets nothing but its action; a header `x-risk` becomes the variable `header_x_risk`. */
function variablesOf(verdict: Verdict): Variable[] {
  if (verdict.action === 'pass') return [['action', 'pass']]
  const variables: Variable[] = [
    ['action', verdict.action],
    ['decision', verdict.decisionId],
  ]
  const headers = answerable(verdict.headers)
  for (const [name, value] of headers) variables.push([`header_${name.replace(/[^a-z0-9]/g, '_')}`, value])
  if (verdict.action === 'amend') return variables
  const answer = verdictAnswer({ ...verdict, headers })
  variables.push(['status', answer.status], ['problem', ascii(answer.body.toString('utf8'))])
  const retry = answer.headers.indexOf('Retry-After')
  if (retry >= 0) variables.push(['retry_after', answer.headers[retry + 1]!])
  return variables
}

/** A client could write these itself: HAProxy is asked for the address of its peer instead. */
const unvouched = (name: string): boolean => {
  const plain = name.replaceAll('_', '-')
  return plain === 'x-forwarded-client-cert'
}

const text = (value: SpopValue | undefined): string =>
  Buffer.isBuffer(value) ? value.toString('latin1') : typeof value === 'string' ? value : ''

const bytes = (value: SpopValue | undefined): Buffer => (Buffer.isBuffer(value) ? value : Buffer.alloc(0))

function bodyOf(value: SpopValue | undefined, told: SpopValue | undefined): RawBody | undefined {
  if (!Buffer.isBuffer(value)) return undefined
  const size = Math.max(value.length, typeof told === 'number' ? told : 0)
  // A frame's bytes are a view of what was read: the body outlives them.
  return { bytes: Buffer.from(value), size, truncated: size > value.length }
}
