import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import { type Admission, pass, type RefusalVerdict, type Verdict } from '../guard.ts'
import { needsNothing, RecordingGuard } from '../recording-guard.ts'
import { EnvoyFilter } from './envoy-filter.ts'
import {
  checkPath,
  checkRequest,
  checkResponse,
  ProxyCall,
  processingRequest,
  processingResponse,
  processPath,
  requestHead,
  responseHead,
} from './filter-fixture.ts'

const closing: EnvoyFilter[] = []
afterEach(async () => {
  for (const filter of closing.splice(0)) await filter.close(0)
})

const throttle: RefusalVerdict = {
  action: 'throttle',
  decisionId: 'd-9',
  policy: 'shared',
  status: 429,
  reason: 'Slow down.',
  retryAfterSeconds: 3,
}

/** A filter whose guard answers every request only when it is told to. */
async function waiting(answer: Partial<Admission> = {}) {
  const answers: ((verdict: Verdict) => void)[] = []
  let wake = (): void => undefined
  const guard = new RecordingGuard(() => ({
    settle: () => {
      const { promise, resolve } = Promise.withResolvers<Verdict>()
      answers.push(resolve)
      wake()
      return promise
    },
    ...answer,
  }))
  const filter = await EnvoyFilter.start({ port: 0 }, guard, systemClock, new CounterSet())
  closing.push(filter)
  const asked = async (): Promise<void> => {
    while (answers.length === 0)
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
  const call = (path: string): ProxyCall => new ProxyCall(filter.address, path)
  return { guard, filter, answers, asked, call }
}

const body = (text: string, last = true) => ({ body: Buffer.from(text), end_of_stream: last })
const kinds = (answers: readonly Buffer[]): (string | undefined)[] =>
  answers.map(answer => Object.keys(processingResponse(answer))[0])
const streamed = { protocol_config: { request_body_mode: 1, response_body_mode: 0 } }

const checked = checkRequest({
  attributes: { request: { http: { method: 'GET', path: '/a', host: 'shop.example', headers: {} } } },
})

describe('a check that rests on shared budgets', () => {
  it.each([
    ['passes', pass, undefined],
    ['is refused', throttle, 429],
  ] as const)('waits for them, and %s', async (_, verdict, status) => {
    const { answers, asked, call, guard } = await waiting()
    const check = call(checkPath).send(checked)
    check.stream.end()
    await asked()
    expect(check.answers).toEqual([])
    answers[0]!(verdict)
    const [answer] = await check.answered(1)
    const { denied_response } = checkResponse(answer!) as { denied_response?: { status: { code: number } } }
    expect(denied_response?.status.code).toBe(status)
    await check.over
    expect(check.status).toBe('0')
    expect((await guard.seen(1))[0]?.verdict?.action).toBe(status === undefined ? undefined : 'throttle')
  })

  it('waits for them over HTTP too', async () => {
    const { answers, asked, filter } = await waiting()
    const answer = fetch(`http://${filter.address}/ext-authz/orders`)
    await asked()
    answers[0]!(throttle)
    expect((await answer).status).toBe(429)
  })

  it('is waited for by a filter that closes', async () => {
    const { answers, asked, call, filter } = await waiting()
    const check = call(checkPath).send(checked)
    await asked()
    const closed = filter.close(5_000)
    answers[0]!(throttle)
    expect(await check.answered(1)).toHaveLength(1)
    await check.end()
    await closed
  })
})

describe('an exchange by ext_proc that rests on shared budgets', () => {
  it('answers what came meanwhile in its order', async () => {
    const { answers, asked, call, guard } = await waiting()
    const exchange = call(processPath).send(
      processingRequest({ ...requestHead({}, false), ...streamed }),
      processingRequest({ request_body: body('ab', false) }),
      processingRequest({ request_body: body('cd') }),
    )
    await asked()
    expect(exchange.answers).toEqual([])
    answers[0]!(pass)
    exchange.send(processingRequest(responseHead({}, true)))
    expect(kinds(await exchange.answered(4))).toEqual([
      'request_headers',
      'request_body',
      'request_body',
      'response_headers',
    ])
    await exchange.end()
    expect(answers).toHaveLength(1)
    const [{ request }] = (await guard.seen(1)) as [(typeof guard.exchanges)[number]]
    expect(Buffer.from(request.body!.bytes).toString()).toBe('abcd')
  })

  it('refuses, and answers nothing of what came meanwhile', async () => {
    const { answers, asked, call, guard } = await waiting()
    const exchange = call(processPath).send(
      processingRequest({ ...requestHead({}, false), ...streamed }),
      processingRequest({ request_body: body('ab') }),
    )
    exchange.stream.end()
    await asked()
    answers[0]!(throttle)
    await exchange.over
    expect(kinds(exchange.answers)).toEqual(['immediate_response'])
    expect((await guard.seen(1))[0]).toMatchObject({
      verdict: { action: 'throttle', policy: 'shared' },
      extra: { envoy: { outcome: 'request-withheld' } },
    })
  })

  it.each([
    ['its body', processingRequest({ request_body: body('ab') }), 'request_body'],
    ['the lack of one', processingRequest(responseHead({}, true)), 'response_headers'],
  ] as const)('waits where %s was decided on', async (_, message, kind) => {
    const { answers, asked, call } = await waiting({
      needs: { ...needsNothing, requestBody: true },
      decideBody: () => pass,
    })
    const exchange = call(processPath).send(
      processingRequest({ ...requestHead({}, false), ...streamed }),
      message,
    )
    expect(kinds(await exchange.answered(1))).toEqual(['request_headers'])
    await asked()
    expect(exchange.answers).toHaveLength(1)
    answers[0]!(pass)
    expect(kinds(await exchange.answered(2))).toEqual(['request_headers', kind])
    await exchange.end()
  })

  it('that is broken off meanwhile is handed on, and answered no more', async () => {
    const { answers, asked, call, guard } = await waiting()
    const exchange = call(processPath).send(processingRequest(requestHead()))
    await asked()
    exchange.stream.close(8)
    await exchange.over
    const [handed] = await guard.seen(1)
    expect(handed?.extra).toMatchObject({ envoy: { outcome: 'broken' } })
    answers[0]!(throttle)
    await Promise.resolve()
    expect(guard.exchanges).toHaveLength(1)
    expect(handed?.verdict).toBeUndefined()
  })
})
