import { describe, expect, it, test } from 'vitest'
import { Detection } from '../detection.ts'
import type { Signal } from '../signal.ts'
import { observations, traffic } from '../traffic.ts'
import { injectionPayload } from './injection-payload.ts'

function signalsOf(text: string, options: Readonly<Record<string, number>> = {}): readonly Signal[] {
  const detection = new Detection({
    detectors: [injectionPayload],
    graphDetectors: [],
    options: { 'injection-payload': options },
  })
  for (const o of observations(traffic(text))) detection.observe(o)
  return detection.signals()
}
const rulesOf = (text: string): unknown[] => signalsOf(text).map(({ observed }) => observed.rule)

const people = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']

describe('values and what their field was learned to hold', () => {
  const learned = 'learn ann,bob,cid GET /items?id={1..40} every 1m x 40 -> 200 {"items":[]}'.replace(
    '{1..40}',
    '12',
  )

  it('takes a quote in a field of numbers for a probe', () => {
    expect(rulesOf(`mallory GET /items?id=12%27 -> 500`)).toEqual([])
    expect(rulesOf(`${learned}\nmallory GET /items?id=12%27 -> 500`)).toEqual(['outside-of-field'])
    const [signal] = signalsOf(`${learned}\nmallory GET /items?id=12%27 -> 500`)
    expect(signal).toMatchObject({
      attempt: true,
      observed: { at: 'query:id', unusual: "no integer, as it always was; signs that it never held: '" },
    })
  })

  it('says nothing of values that are only new', () => {
    for (const value of ['7', '123456', 'abc', '-3', '1.5', 'a_b', ''])
      expect(rulesOf(`${learned}\nmallory GET /items?id=${value} -> 200 {"items":[]}`)).toEqual([])
  })

  it('lets a sign of an attack count where the value is outside of its field', () => {
    const address = 'http%3A%2F%2F10.0.0.5%2F'
    const field = 'learn ann,bob,cid GET /items?view=compact every 1m x 40 -> 200 {"items":[]}'
    expect(rulesOf(`mallory GET /items?view=${address} -> 200 {}`)).toEqual([])
    expect(rulesOf(`${field}\nmallory GET /items?view=${address} -> 200 {}`)).toEqual(['private-host'])
  })

  it('keeps quiet about signs that the field is used to', () => {
    const names = people
      .map(
        (who, index) =>
          `learn ${who} POST /people body={"name":"O'Brien (${index}); \\"Bo\\" & <Co>"} every 1h x 8 -> 201 {}`,
      )
      .join('\n')
    expect(
      rulesOf(`${names}\nmallory POST /people body={"name":"D'Arcy (Jr.); \\"Fitz\\" & <Sons>"} -> 201 {}`),
    ).toEqual([])
  })

  const live = (who: string, times: number, value: string): string =>
    `${who} GET /items?id=${value} every 1m x ${times} -> 200 {"items":[]}`

  it('learns from live traffic of five people over three days, not of one', () => {
    const one = live('ann', 300, '12')
    const five = [0, 1, 2]
      .map(() => `${people.map(who => live(who, 5, '12')).join('\n')}\nwait 24h`)
      .join('\n')
    expect(rulesOf(`${one}\nmallory GET /items?id=12%27 -> 500`)).toEqual([])
    expect(rulesOf(`${five}\nmallory GET /items?id=12%27 -> 500`)).toEqual(['outside-of-field'])
  })

  it('is taught nothing by refused and anonymous calls, nor by one account alone', () => {
    const five = [0, 1, 2]
      .map(() => `${people.map(who => live(who, 5, '12')).join('\n')}\nwait 24h`)
      .join('\n')
    const probe = 'eve2 GET /items?id=13%27 -> 500'
    for (const poison of [
      'anonymous GET /items?id=12%27 every 1s x 200 -> 200 {}',
      'mallory GET /items?id=12%27 every 1s x 200 -> 400',
    ])
      expect(rulesOf(`${five}\n${poison}\n${probe}`)).toContain('outside-of-field')
    const alone = signalsOf(
      `${five}\nmallory GET /items?id=12%3B every 1s x 200 -> 200 {}\neve2 GET /items?id=12%3B%3B -> 200 {}`,
    )
    expect(alone.map(({ principal }) => principal)).toContain('user:eve2')
  })

  it('forgets the longest unused field', () => {
    const detection = new Detection({
      detectors: [injectionPayload],
      graphDetectors: [],
      options: { 'injection-payload': { fields: 8 } },
    })
    const text = Array.from({ length: 40 }, (_, index) => `learn ann GET /a?f${index}=1 -> 200 {}`).join('\n')
    for (const o of observations(traffic(text))) detection.observe(o)
    expect(detection.stats.state['injection-payload']).toBeLessThanOrEqual(12)
  })
})

describe('fields that are meant for code', () => {
  const query = 'SELECT%20name%20FROM%20users%20WHERE%20id%3D1%20UNION%20SELECT%20name%20FROM%20teams'
  const history = `learn ann,bob,cid GET /console?sql=${query} every 1m x 4 -> 200 {"rows":[]}`

  it('are left alone, and no other field of the same request is', () => {
    expect(rulesOf(`dan GET /console?sql=${query} -> 200 {"rows":[]}`)).toHaveLength(1)
    expect(rulesOf(`${history}\ndan GET /console?sql=${query} -> 200 {"rows":[]}`)).toEqual([])
    const [signal] = signalsOf(
      `${history}\nmallory GET /console?sql=${query}&name=%27%20or%201=1-- -> 200 {"rows":[]}`,
    )
    expect(signal?.observed.at).toBe('query:name')
  })
})

describe('what came back', () => {
  const rows: readonly (readonly [line: string, trace: string | undefined, attempt: boolean])[] = [
    [
      'mallory GET /a?q=%27%20or%201=1-- -> 200 {"error":"You have an error in your SQL syntax"}',
      'sql syntax',
      false,
    ],
    ['mallory GET /a?q=%27%20or%201=1-- -> 500 {"error":"internal"}', undefined, true],
    [
      'mallory GET /a?f=../../etc/passwd -> 200 {"text":"root:x:0:0:root:/root:/bin/sh"}',
      'the users of the system',
      false,
    ],
    ['mallory GET /a?f=../../etc/passwd -> 404', undefined, true],
    [
      'mallory GET /a?f=;id -> 500 {"out":"uid=33(www-data) gid=33(www-data)"}',
      'who a process runs as',
      false,
    ],
    ['mallory GET /a?t={{7*7}} -> 200 {"greeting":"49"}', '49, computed from the payload', false],
    [
      'mallory GET /a?t={{1234*4321}} -> 200 {"greeting":"Hello 5332114!"}',
      '5332114, computed from the payload',
      false,
    ],
    ['mallory GET /a?t={{7*7}} -> 200 {"greeting":"Hello","price":49}', undefined, false],
    [
      'mallory GET /a?q=1%20and%20sleep(5) ms=5030 -> 200 {}',
      'an answer after 5.0 s, as long as it was told to wait',
      false,
    ],
    ['mallory GET /a?q=1%20and%20sleep(5) ms=40 -> 200 {}', undefined, false],
    [
      "mallory GET /a?q=1;waitfor%20delay%20'0:0:4'-- ms=4100 -> 500",
      'an answer after 4.1 s, as long as it was told to wait',
      false,
    ],
    [
      'mallory GET /a?u=http://169.254.169.254/ -> 200 {"AccessKeyId":"x","text":"\\"AccessKeyId\\" : \\"A\\""}',
      'credentials of the cloud',
      false,
    ],
  ]
  test.each(rows)('%s', (line, trace, attempt) => {
    const signals = signalsOf(line)
    expect(signals).toHaveLength(1)
    expect(signals[0]!.observed.trace).toBe(trace)
    expect(signals[0]!.attempt).toBe(attempt)
  })

  it('takes a slow answer for slow where the endpoint always is', () => {
    const slow = [0, 1, 2]
      .map(() => `learn ${people.join(',')} GET /a?q=1 ms=9000 every 1m x 30 -> 200 {}\nwait 24h`)
      .join('\n')
    expect(
      signalsOf(`${slow}\nmallory GET /a?q=1%20and%20sleep(5) ms=9100 -> 200 {}`)[0]!.observed.trace,
    ).toBeUndefined()
  })

  it('does not take the caller’s own words for an error of the server', () => {
    const quoted = `mallory GET /a?q=%27%20or%201=1--%20sql%20syntax -> 200 {"message":"nothing found for ' or 1=1-- sql syntax"}`
    expect(signalsOf(quoted)[0]!.observed.trace).toBeUndefined()
  })
})
