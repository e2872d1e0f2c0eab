import { Accounts, type AccountWeakness } from './accounts.ts'
import { Calendar, day, hour } from './calendar.ts'
import type { Device } from './device.ts'
import type { Answer, Ask } from './http.ts'
import { type Network, Networks } from './network.ts'
import type { Person } from './person.ts'
import { Service } from './service.ts'
import { Stream } from './stream.ts'
import { Style } from './style.ts'
import { Timeline } from './timeline.ts'
import { Tokens, type TokenWeakness } from './tokens.ts'
import type { TruthAccess } from './truth.ts'

export interface WorldFacts {
  readonly app: string
  /** Of everything that happens. */
  readonly seed: number
  /** Of the application's parameters; the seed where it is not given. */
  readonly parameters?: number
  readonly historyDays: number
  readonly windowDays: number
}

/** Where recorded lines go. */
export interface Sink {
  call(line: object): void
  access(line: TruthAccess): void
}

interface Exchange {
  readonly ask: Ask
  readonly text: string | undefined
  readonly headers: readonly (readonly [string, string])[]
  readonly ip: string
  readonly port: number
  readonly network: Network
  readonly device: Device
  readonly answer: Answer
  readonly host: string
  /** The workload of ours that called somebody else; the call came in where there is none. */
  readonly workload: string | undefined
}

/** One application with everything around it, on a simulated clock. */
export class World {
  readonly facts: WorldFacts
  readonly stream: Stream
  readonly style: Style
  readonly timeline: Timeline
  readonly calendar: Calendar
  readonly networks: Networks
  readonly accounts: Accounts
  readonly tokens: Tokens
  readonly service: Service
  readonly people: Person[] = []
  /** Midnight of the first day, ms since the epoch. */
  readonly start: number
  /** Midnight of the first day after history. */
  readonly turn: number
  readonly end: number
  /** An endpoint for developers that was left open. */
  readonly debugPath: string | undefined
  sink: Sink | undefined
  #calls = 0

  constructor(facts: WorldFacts) {
    this.facts = facts
    this.stream = new Stream(`${facts.app}/${facts.seed}`)
    const parameters = new Stream(`${facts.app}/parameters/${facts.parameters ?? facts.seed}`)
    this.style = new Style(parameters, facts.app)
    // A Monday of 2026.
    this.start = Date.UTC(2026, 0, 5) + this.stream.fork('start').int(0, 44) * 7 * day
    this.turn = this.start + facts.historyDays * day
    this.end = this.turn + facts.windowDays * day
    this.timeline = new Timeline(this.start)
    this.calendar = new Calendar(
      this.stream.fork('calendar'),
      this.start,
      facts.historyDays + facts.windowDays,
    )
    this.networks = new Networks(this.stream)
    const flag = (name: string, probability: number): boolean => this.style.flag(name, probability)
    const signingIn: AccountWeakness = {
      tellsWhoExists: flag('tells-who-exists', 0.6),
      neverLocks: flag('never-locks', 0.5),
      endlessCodes: flag('endless-codes', 0.5),
      shortResets: flag('short-resets', 0.5),
      takesAnyField: flag('takes-any-field', 0.6),
    }
    const tokens: TokenWeakness = {
      ignoresExpiry: flag('ignores-expiry', 0.5),
      ignoresLogout: flag('ignores-logout', 0.6),
      ignoresRevocation: flag('ignores-revocation', 0.5),
      acceptsUnsigned: flag('accepts-unsigned', 0.4),
      weakKey: flag('weak-key', 0.5),
    }
    this.accounts = new Accounts(this.style, this.stream, signingIn)
    this.tokens = new Tokens(this.style, this.stream, tokens, id => this.accounts.byId(id))
    this.service = new Service(this.style, this.tokens)
    this.accounts.mount(this.service)
    this.debugPath = flag('debug-endpoint', 0.6)
      ? this.style.choose('debug', ['/actuator/env', '/debug/vars', '/_internal/config'])
      : undefined
    if (this.debugPath !== undefined) {
      const secret = this.stream.fork('debug').token(24)
      this.service.route({
        method: 'GET',
        template: this.debugPath,
        latency: 9,
        open: true,
        handle: () => ({
          status: 200,
          body: {
            profile: 'production',
            database: { url: `postgres://app:${secret}@db.internal:5432/app` },
            uptime: 40_312,
            threads: 48,
          },
        }),
      })
    }
  }

  get now(): number {
    return this.timeline.now
  }

  /** A path of the application under its prefix. */
  at(template: string, parameters: Readonly<Record<string, string>> = {}): string {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(parameters[name] ?? ''),
    )
    return `${this.style.prefix}${path}`
  }

  /** @returns The id of the recorded call. */
  record(exchange: Exchange): string {
    this.#calls += 1
    const id = `c-${String(this.#calls).padStart(6, '0')}`
    this.sink?.call(this.#line(id, exchange))
    return id
  }

  noteTouches(call: string, account: string | undefined, answer: Answer): void {
    for (const { object, owner, relation, write } of answer.touches)
      this.sink?.access({
        call,
        principal: account ?? 'anonymous',
        object,
        owner,
        relation,
        write,
        status: answer.status,
      })
  }

  #line(id: string, exchange: Exchange): object {
    const { ask, text, headers, ip, port, network, device, answer, host, workload: caller } = exchange
    const { style, now, facts } = this
    const workload = (name: string) => ({
      cluster: 'prod',
      namespace: facts.app,
      kind: 'Deployment',
      name,
      serviceAccount: name,
    })
    return {
      type: 'call',
      id,
      time: new Date(now).toISOString(),
      durationMs: Math.round(answer.latency * 100) / 100,
      source: { ip, port, ja4: device.ja4, ...(caller === undefined ? {} : { workload: workload(caller) }) },
      destination:
        caller === undefined
          ? { host, ip: '10.20.0.15', port: 443, tls: '1.3', workload: workload(`${facts.app}-api`) }
          : { host, port: 443, tls: '1.3' },
      request: {
        method: ask.method,
        target: ask.path,
        httpVersion: device.http,
        headers: caller === undefined ? [...headers, ...edgeHeaders(style, network, ip)] : headers,
        ...(text === undefined ? {} : { body: text, bodyEncoding: 'utf8' }),
        bodySize: text === undefined ? 0 : Buffer.byteLength(text),
      },
      response: {
        status: answer.status,
        headers: [
          ...(style.server === '' || caller !== undefined ? [] : [['server', style.server]]),
          ['date', new Date(now).toUTCString()],
          ...answer.headers,
          ['content-length', String(Buffer.byteLength(answer.text))],
        ],
        ...(answer.text === '' ? {} : { body: answer.text, bodyEncoding: 'utf8' }),
        bodySize: Buffer.byteLength(answer.text),
      },
    }
  }

  /** What happens each night to the state. */
  housekeeping(): void {
    this.tokens.prune(this.now)
  }

  /** A time of the day of the window, for what is planned by the hour. */
  windowTime(dayIndex: number, hours: number): number {
    return this.turn + dayIndex * day + hours * hour
  }
}

function edgeHeaders(
  style: Style,
  { place, asn }: Network,
  ip: string,
): readonly (readonly [string, string])[] {
  const { country, latitude, longitude } = place
  switch (style.edge) {
    case 'none':
      return []
    case 'cloudflare':
      return [
        ['cf-connecting-ip', ip],
        ['cf-ipcountry', country],
        ['cf-iplatitude', String(latitude)],
        ['cf-iplongitude', String(longitude)],
      ]
    case 'cloudfront':
      return [
        ['cloudfront-viewer-country', country],
        ['cloudfront-viewer-latitude', String(latitude)],
        ['cloudfront-viewer-longitude', String(longitude)],
        ['cloudfront-viewer-asn', String(asn)],
      ]
  }
}
