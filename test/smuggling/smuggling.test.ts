import { afterEach, expect, test } from 'vitest'
import { closeAll, httpUpstream, RawClient, siteBefore } from '../../src/sensors/gateway/fixture.ts'
import { smugglingCases } from './corpus.ts'
import { Llhttp, laxer, readOurs } from './readings.ts'

afterEach(closeAll)

const told = ({ method, target, body }: { method: string; target: string; body: string }): string =>
  `${method} ${target} ${body}`

test('the corpus is large and its cases are of their own', () => {
  expect(smugglingCases.length).toBeGreaterThan(250)
  expect(new Set(smugglingCases.map(({ category, what }) => `${category}: ${what}`)).size).toBe(
    smugglingCases.length,
  )
})

/** The bytes at once, byte by byte, and in two pieces around the end of the head. */
function* ways(text: string): Generator<Buffer[]> {
  const bytes = Buffer.from(text, 'latin1')
  yield [bytes]
  if (bytes.length < 2_000) yield [...bytes].map(byte => Buffer.of(byte))
  const end = bytes.indexOf('\r\n\r\n')
  for (const cut of [end + 1, end + 2, end + 3])
    if (end !== -1 && cut < bytes.length) yield [bytes.subarray(0, cut), bytes.subarray(cut)]
}

test('each case is let in or refused as it should be, however its bytes arrive', () => {
  let rows = 0
  for (const { category, what, bytes, accepted, open } of smugglingCases)
    for (const pieces of ways(bytes)) {
      const { requests, refused } = readOurs(pieces)
      const name = `${category}: ${what} in ${pieces.length}`
      expect(requests.filter(({ complete }) => complete).map(told), name).toEqual(accepted)
      expect(refused === undefined, `${name}: ${refused}`).toBe(open)
      rows += 1
    }
  expect(rows).toBeGreaterThan(900)
})

test('nothing is let in that llhttp refuses, and nothing is read otherwise', async () => {
  const llhttp = new Llhttp()
  const laxerHere: string[] = []
  let agreed = 0
  for (const { category, what, bytes } of smugglingCases) {
    const pieces = [Buffer.from(bytes, 'latin1')]
    const ours = readOurs(pieces)
    const theirs = await llhttp.read(pieces)
    const why = laxer(ours, theirs)
    if (why !== undefined) laxerHere.push(`${category}: ${what}: ${why}`)
    if ((ours.refused === undefined) === (theirs.refused === undefined)) agreed += 1
  }
  expect(laxerHere).toEqual([])
  // Where the two differ this side is the stricter one.
  expect(agreed).toBeGreaterThan(smugglingCases.length / 2)
})

test('what goes on to the upstream is what was let in, request by request', async () => {
  let seen: string[] = []
  const { url } = await httpUpstream((request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', text => {
      body += text
    })
    request.on('error', () => undefined)
    request.on('end', () => {
      seen.push(told({ method: request.method ?? '', target: request.url ?? '', body }))
      response.end('ok')
    })
  })
  const { port, guard } = await siteBefore(url)
  let rows = 0
  for (const { category, what, bytes, accepted } of smugglingCases) {
    seen = []
    const client = new RawClient(port).send(bytes)
    // Behind an upgrade stands no request, and this upstream does not upgrade.
    const answers = accepted.length
    await client.until(new RegExp(`(?:HTTP/1\\.1 [1-5]\\d\\d [\\s\\S]*?){${Math.max(1, answers)}}`))
    if (answers > 0) await client.until(new RegExp(`(?:\\r\\n\\r\\n(?:2\\r\\n)?ok[\\s\\S]*?){${answers}}`))
    expect(seen, `${category}: ${what}`).toEqual(accepted)
    client.socket.destroy()
    rows += 1
  }
  expect(rows).toBe(smugglingCases.length)
  const smuggled = smugglingCases
    .flatMap(({ accepted }) => accepted)
    .filter(request => request.startsWith('GET /smuggled '))
  expect(guard.admitted.filter(request => request.target === '/smuggled')).toHaveLength(smuggled.length)
})
