import { afterEach, expect, test } from 'vitest'
import { type Admission, pass, type RefusalVerdict, type Verdict } from '../guard.ts'
import {
  closeAll,
  httpUpstream,
  needsNothing,
  RawClient,
  RecordingGuard,
  type Site,
  siteBefore,
  textOf,
} from './fixture.ts'

afterEach(closeAll)

const throttle: RefusalVerdict = {
  action: 'throttle',
  decisionId: 'd-9',
  policy: 'shared',
  status: 429,
  reason: 'Slow down.',
  retryAfterSeconds: 3,
}

interface Waiting extends Site {
  readonly reached: string[]
  /** By request, in the order they came: gives the answer that is waited for. */
  readonly answers: ((verdict: Verdict) => void)[]
  /** Once so many requests wait. */
  asked(count: number): Promise<void>
}

/** A gateway whose guard answers every request only when it is told to. */
async function waiting(answer: Partial<Admission> = {}): Promise<Waiting> {
  const reached: string[] = []
  const answers: Waiting['answers'] = []
  let wake = (): void => undefined
  const { url } = await httpUpstream((request, response) => {
    reached.push(request.url ?? '')
    response.writeHead(200, { 'x-from': 'upstream' })
    request.pipe(response)
    request.on('error', () => undefined)
  })
  const guard = new RecordingGuard(() => ({
    settle: () => {
      const { promise, resolve } = Promise.withResolvers<Verdict>()
      answers.push(resolve)
      wake()
      return promise
    },
    ...answer,
  }))
  const site = await siteBefore(url, {}, guard)
  const asked = async (count: number): Promise<void> => {
    while (answers.length < count)
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
  return { ...site, reached, answers, asked }
}

test('nothing goes on before the answer, and then what it says happens', async () => {
  const { url, reached, answers, asked, guard } = await waiting()
  const first = fetch(`${url}/first`)
  await asked(1)
  expect(reached).toEqual([])
  answers[0]!(pass)
  expect((await first).headers.get('x-from')).toBe('upstream')
  const second = fetch(`${url}/second`)
  await asked(2)
  answers[1]!(throttle)
  const refused = await second
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3'])
  expect(reached).toEqual(['/first'])
  expect((await guard.seen(2))[1]).toMatchObject({
    verdict: { decisionId: 'd-9', action: 'throttle', policy: 'shared' },
    response: { status: 429 },
    extra: { gateway: { outcome: 'request-withheld' } },
  })
})

test('a verdict that takes the place of the first changes the request', async () => {
  const { url, answers, asked, guard } = await waiting()
  const answer = fetch(url, { method: 'POST', body: 'as it was' })
  await asked(1)
  answers[0]!({ action: 'amend', decisionId: 'd-2', policy: 'tag', headers: [['x-risk', 'high']] })
  expect(await (await answer).text()).toBe('as it was')
  expect((await guard.seen(1))[0]?.verdict).toMatchObject({ action: 'amend', policy: 'tag' })
})

test('no answer is waited for after a refusal, nor where none is promised', async () => {
  let asked = 0
  const { url } = await waiting({
    settle: () => {
      asked += 1
      return undefined
    },
  })
  expect((await fetch(url)).status).toBe(200)
  expect(asked).toBe(1)
  const refusing = await waiting({ verdict: throttle })
  expect((await fetch(refusing.url)).status).toBe(429)
  expect(refusing.answers).toEqual([])
})

test.each([
  ['of the head', {}],
  ['of the body', { needs: { ...needsNothing, requestBody: true }, decideBody: () => pass }],
] as const)(
  'a body that comes while the decision %s waits is held back, and then goes on whole',
  async (_, answer) => {
    const { port, reached, answers, asked } = await waiting(answer)
    const piece = 'x'.repeat(65_536)
    const pieces = 64
    const client = new RawClient(port)
    client.send(
      `POST /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${piece.length * pieces}\r\n\r\n`,
    )
    for (let index = 0; index < pieces; index += 1) client.send(piece)
    await asked(1)
    expect(reached).toEqual([])
    answers[0]!(pass)
    const text = await client.untilClosed()
    expect(text).toMatch(/^HTTP\/1.1 200 /)
    expect(text.split('x').length - 1).toBeGreaterThanOrEqual(piece.length * pieces)
    expect(reached).toEqual(['/long'])
  },
)

test('what is refused while its body comes in leaves the connection in step', async () => {
  const { port, answers, asked, reached } = await waiting()
  const client = new RawClient(port).send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab')
  await asked(1)
  answers[0]!(throttle)
  await client.until('"decisionId"')
  client.send('cdeGET /b HTTP/1.1\r\nHost: a\r\n\r\n')
  await asked(2)
  answers[1]!(pass)
  await client.until('x-from')
  expect(reached).toEqual(['/b'])
})

test('requests in a row on one connection are answered in their order', async () => {
  const { port, answers, asked, reached } = await waiting()
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const client = new RawClient(port).send(get('/1') + get('/2') + get('/3'))
  await asked(1)
  expect(answers).toHaveLength(1)
  answers[0]!(pass)
  await asked(2)
  answers[1]!(throttle)
  await asked(3)
  answers[2]!(pass)
  const text = await client.until(/200[\s\S]*429[\s\S]*200[\s\S]*\r\n\r\n0\r\n\r\n$/)
  expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 429', 'HTTP/1.1 200'])
  expect(reached).toEqual(['/1', '/3'])
})

test.each([
  ['without a body', 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['within its body', 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc'],
])('a client that goes while its request waits, %s, is recorded and nothing goes on', async (_, request) => {
  const { port, answers, asked, reached, guard, gateway } = await waiting()
  const client = new RawClient(port).send(request)
  await asked(1)
  client.socket.destroy()
  const alone = request.startsWith('GET')
  // Where the reading of a body is held back, the end is seen once it goes on.
  if (!alone) answers[0]!(throttle)
  const [exchange] = await guard.seen(1)
  if (alone) answers[0]!(pass)
  expect(exchange).toMatchObject(
    alone ? { extra: { gateway: { outcome: 'client-aborted' } } } : { verdict: { action: 'throttle' } },
  )
  expect(reached).toEqual([])
  await gateway.close(1_000)
  expect(guard.exchanges).toHaveLength(1)
})

test('a gateway that closes waits for what waits', async () => {
  const { url, gateway, answers, asked, guard } = await waiting()
  const answer = fetch(url, { method: 'POST', body: 'last' })
  await asked(1)
  const closed = gateway.close(5_000)
  answers[0]!(pass)
  expect(await (await answer).text()).toBe('last')
  await closed
  expect(textOf((await guard.seen(1))[0]?.request.body?.bytes)).toBe('last')
})

test('of a long body no more is read while its request waits than lies between the two', async () => {
  const { port, url, answers, asked } = await waiting()
  const piece = Buffer.alloc(1_048_576, 'x')
  const pieces = 24
  const client = new RawClient(port)
  client.send(
    `POST /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${piece.length * pieces}\r\n\r\n`,
  )
  for (let index = 0; index < pieces; index += 1) client.socket.write(piece)
  await asked(1)
  // Time for a gateway that reads on to have read all of it.
  for (let other = 1; other <= 150; other += 1) {
    const answer = fetch(url)
    await asked(other + 1)
    answers[other]!(pass)
    await (await answer).arrayBuffer()
  }
  expect(client.socket.writableLength).toBeGreaterThan(piece.length)
  answers[0]!(throttle)
  expect(await client.until('"decisionId"')).toContain('429')
})
