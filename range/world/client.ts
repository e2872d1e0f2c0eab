import { second } from './calendar.ts'
import type { Device } from './device.ts'
import { type Answer, type Ask, type Json, textOf } from './http.ts'
import type { Network } from './network.ts'
import type { Stream } from './stream.ts'
import type { Step } from './timeline.ts'
import type { World } from './world.ts'

/** A credential as its holder keeps it. */
export interface Held {
  readonly value: string
  readonly refresh: string | undefined
  /** When the holder thinks it runs out. */
  readonly until: number
  /** Of whom. */
  readonly account: string
  /** Goes into the authorization header, whatever browsers do. */
  readonly bearer?: boolean
}

/** An API of somebody else that workloads of the application call. */
export interface Partner {
  readonly host: string
  /** The workload that calls. */
  readonly workload: string
  answer(ask: Ask): Answer
}

/** Told of each call that a client made: how attacks are labelled. */
export type Listener = (call: string, client: Client, ask: Ask, answer: Answer, ip: string) => void

/** A device in a network that talks to the application. */
export class Client {
  readonly world: World
  readonly device: Device
  readonly stream: Stream
  /** Moves: a phone leaves home. */
  network: Network
  held: Held | undefined
  /** In place of a token. */
  key: { readonly value: string; readonly account: string } | undefined
  /** Headers of every request beyond those of the device. */
  extra: readonly (readonly [string, string])[] = []
  host: string
  /** Asked in place of the application. */
  partner: Partner | undefined
  /** Whoever answers is not who they were: what becomes of their answers. */
  twist: ((answer: Answer) => Answer) | undefined
  #listener: Listener | undefined
  #port: number
  /** Renews only when it is refused; the others look at the time. */
  readonly #late: boolean
  #distance: number

  constructor(world: World, device: Device, network: Network, stream: Stream, listener?: Listener) {
    this.world = world
    this.device = device
    this.network = network
    this.stream = stream.fork('client', device.id)
    this.host = world.style.host
    this.#listener = listener
    this.#late = world.stream.fork('late', device.id).chance(0.1)
    this.#port = this.stream.int(1_025, 65_000)
    this.#distance = this.stream.about(25, 0.4)
  }

  get account(): string | undefined {
    return this.held?.account ?? this.key?.account
  }

  /** Sends one request and waits for its answer. An access token that ran out is renewed as clients do. */
  *send(ask: Ask): Step<Answer> {
    if (!this.#late && this.held?.refresh !== undefined && this.held.until < this.world.now + 20 * second)
      yield* this.renew()
    const answer = this.now(ask)
    yield answer.latency + this.stream.about(this.#distance, 0.3)
    if (
      answer.status !== 401 ||
      this.held?.refresh === undefined ||
      this.held.until > this.world.now + 5 * second
    )
      return answer
    if (!(yield* this.renew())) return answer
    const again = this.now(ask)
    yield again.latency + this.stream.about(this.#distance, 0.3)
    return again
  }

  /** What a page sends side by side. */
  *together(asks: readonly Ask[]): Step<readonly Answer[]> {
    if (this.held?.refresh !== undefined && this.held.until < this.world.now + 20 * second)
      yield* this.renew()
    const answers: Answer[] = []
    for (const ask of asks) {
      answers.push(this.now(ask))
      yield this.stream.between(1, 18)
    }
    yield Math.max(...answers.map(({ latency }) => latency)) + this.#distance
    return answers
  }

  /** A new access token for the refresh token. */
  *renew(): Step<boolean> {
    const { held } = this
    if (held?.refresh === undefined) return false
    const { accounts } = this.world
    this.held = undefined
    const answer = yield* this.send({
      method: 'POST',
      path: this.world.at(accounts.paths.refresh),
      body: { refreshToken: held.refresh },
    })
    if (!answer.ok) return false
    this.keep(answer, held.account)
    return true
  }

  /** Takes the credential out of an answer to a login. */
  keep(answer: Answer, account: string): void {
    const cookie = answer.headers.find(([name]) => name === 'set-cookie')?.[1]
    const value =
      textOf(answer.json.accessToken) ?? cookie?.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'))
    if (value === undefined) return
    const life =
      typeof answer.json.expiresIn === 'number' ? answer.json.expiresIn * second : 24 * 3_600 * second
    this.held = { value, refresh: textOf(answer.json.refreshToken), until: this.world.now + life, account }
  }

  /** One request at this very moment. */
  now(ask: Ask): Answer {
    const { world, device, held } = this
    const { style, now } = world
    const host = this.partner?.host ?? ask.host ?? this.host
    // What a request says itself wins over what its software says of every request.
    const said = new Set([...this.extra, ...(ask.headers ?? [])].map(([name]) => name))
    const headers: (readonly [string, string])[] = device
      .headers(now, host)
      .filter(([name]) => !said.has(name))
    if (this.key !== undefined) headers.push([style.keyHeader, this.key.value])
    else if (held !== undefined)
      headers.push(
        style.token === 'cookie' && held.bearer !== true
          ? ['cookie', `${style.cookie}=${held.value}`]
          : ['authorization', `Bearer ${held.value}`],
      )
    headers.push(...this.extra, ...(ask.headers ?? []))
    const text =
      ask.text?.value ??
      (ask.body === undefined ? undefined : JSON.stringify(style.outward(ask.body as Json)))
    if (text !== undefined) {
      headers.push(['content-type', ask.text?.type ?? 'application/json'])
      headers.push(['content-length', String(Buffer.byteLength(text))])
    }
    const ip = this.network.address(now, device.id)
    const told = this.partner?.answer(ask) ?? world.service.handle(ask, headers, ip, now)
    const handled = this.twist?.(told) ?? told
    const answer = { ...handled, latency: this.stream.about(handled.latency, 0.35) }
    if (this.stream.chance(0.12)) this.#port = this.stream.int(1_025, 65_000)
    const call = world.record({
      ask,
      text,
      headers,
      ip,
      port: this.#port,
      network: this.network,
      device,
      answer,
      host,
      workload: this.partner?.workload,
    })
    world.noteTouches(call, this.account, answer)
    this.#listener?.(call, this, ask, answer, ip)
    return answer
  }
}
