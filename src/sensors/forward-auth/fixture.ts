import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RawBody } from '../../call/raw-exchange.ts'
import { systemClock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import { type Admission, type GuardedRequest, pass, type RefusalVerdict, type Verdict } from '../guard.ts'
import { needsNothing, RecordingGuard } from '../recording-guard.ts'
import { ForwardAuth } from './forward-auth.ts'
import type { ForwardAuthOptions } from './forward-auth-options.ts'

/** For tests of decision points: a guard with a rule for each path, a service behind the proxy, and where to ask. */

const refusal = (over: Partial<RefusalVerdict>): RefusalVerdict => ({
  action: 'block',
  decisionId: 'd-1',
  policy: 'p',
  status: 403,
  reason: 'This request is not allowed – “here”.',
  ...over,
})

const verdicts: Readonly<Record<string, Verdict>> = {
  '/blocked': refusal({}),
  '/cloaked': refusal({ status: 404, reason: 'There is nothing here.' }),
  '/challenged': refusal({
    action: 'challenge',
    status: 401,
    reason: 'Sign in again.',
    headers: [['www-authenticate', 'Bearer error="insufficient_user_authentication", acr_values="mfa"']],
  }),
  '/tagged': { action: 'amend', decisionId: 'd-2', policy: 'tag', headers: [['x-risk', 'high']] },
}

const throttle = refusal({ action: 'throttle', status: 429, reason: 'Slow down.', retryAfterSeconds: 7 })

const has = (body: RawBody | undefined, word: string): boolean =>
  Buffer.from(body?.bytes ?? []).includes(word)

/**
 * `/blocked`, `/cloaked`, `/challenged` and `/tagged` are decided by their heads, `/throttled` by a budget that answers later, `/posted` by its body (no `attack`),
 * `/answered` by the answer's body (no `secret`), `/status` by the answer's status (no 500). Everything else passes.
 */
export function ruled(request: GuardedRequest): Partial<Admission> {
  const path = request.target.split('?', 1)[0]!
  if (path === '/throttled') return { settle: () => new Promise(resolve => setImmediate(resolve, throttle)) }
  if (path === '/posted')
    return {
      needs: { ...needsNothing, requestBody: true },
      decideBody: body => (has(body, 'attack') ? refusal({ status: 400 }) : pass),
    }
  if (path === '/answered')
    return {
      needs: { ...needsNothing, response: true, responseBody: true },
      decideResponse: (_, body) => (has(body, 'secret') ? refusal({}) : pass),
    }
  if (path === '/status')
    return {
      needs: { ...needsNothing, response: true },
      decideResponse: ({ status }) => (status === 500 ? refusal({ status: 503 }) : pass),
    }
  const verdict = verdicts[path]
  return verdict === undefined ? {} : { verdict }
}

export interface Asked {
  readonly point: ForwardAuth
  readonly guard: RecordingGuard
  readonly counters: CounterSet
  readonly url: string
}

export const token = 'a-token-of-the-decision-api'

export async function decisionPoint(options: Partial<ForwardAuthOptions> = {}): Promise<Asked> {
  const guard = new RecordingGuard(ruled)
  const counters = new CounterSet()
  const point = await ForwardAuth.start({ token, ...options }, guard, systemClock, counters)
  return { point, guard, counters, url: `http://${point.address}` }
}

export interface Service {
  readonly port: number
  /** What reached it, oldest first. */
  readonly seen: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingHttpHeaders
    readonly body: string
  }[]
  close(): Promise<void>
}

/** Answers with `?answer=` and `?status=` of the target, else with `from the service` and 200. */
export async function service(): Promise<Service> {
  const seen: Service['seen'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const url = request.url ?? ''
      seen.push({ method: request.method ?? '', url, headers: request.headers, body })
      const query = new URLSearchParams(url.split('?', 2)[1])
      response.writeHead(Number(query.get('status') ?? 200), { 'content-type': 'text/plain' })
      response.end(query.get('answer') ?? 'from the service')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: async () => {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}
