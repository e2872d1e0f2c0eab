import { describe, expect, it } from 'vitest'
import { freeze, thaw } from '../../kit/snapshot.ts'
import { Detection } from '../detection.ts'
import { observations, traffic } from '../traffic.ts'

const ours = new Set([
  'brute-force',
  'password-spraying',
  'credential-stuffing',
  'account-takeover',
  'otp-cracking',
  'token-cracking',
  'token-reuse',
  'concurrent-use',
  'client-change',
  'impossible-travel',
  'scope-drift',
  'service-token-elsewhere',
  'forged-token',
  'refresh-token-reuse',
])

function raised(text: string): readonly string[] {
  const detection = new Detection()
  for (const o of observations(traffic(text))) detection.observe(o)
  return detection.signals().flatMap(({ detector }) => (ours.has(detector) ? [detector] : []))
}

const names = (count: number, name = 'u'): string =>
  Array.from({ length: count }, (_, index) => `${name}${index + 1}`).join(',')
const login = (rest: string, password = '0000000000{n}'): string =>
  `POST /login body={"username":"{self}","password":"[redacted:password:${password}]"} ${rest}`
const wrong = '-> 401 {"error":"wrong password"}'
const right = '-> 200 {"token":"[redacted:token:{token:{self}}]"}'

describe('what is ordinary', () => {
  const rows: readonly (readonly [string, string])[] = [
    [
      'an office of forty behind one address, each of whom mistypes once in the morning',
      `learn ${names(40)} ip=203.0.113.7 ${login(`every 20s ${right}`)}
wait 14h
${names(40)} ip=203.0.113.7 ${login(`every 20s ${wrong}`)}
${names(40)} ip=203.0.113.7 ${login(`every 20s ${right}`)}`,
    ],
    [
      'a carrier whose address hundreds share, one in five of whom mistypes',
      `${names(60, 'a')} ip=203.0.113.7 ${login(`every 9s ${right}`)}
${names(15, 'b')} ip=203.0.113.7 ${login(`every 9s ${wrong}`)}
${names(60, 'c')} ip=203.0.113.7 ${login(`every 9s ${right}`)}`,
    ],
    [
      'a wave of forgotten passwords, each at home and right in the end',
      `learn ${names(60)} ${login(`every 30s ${right}`)}
wait 20h
${names(60)} ${login(`every 5s x 3 ${wrong}`)}
${names(60)} ${login(`every 5s ${right}`)}`,
    ],
    [
      'somebody who forgets the password eight times on a new telephone',
      `learn alice ${login(`every 30s ${right}`)}
wait 30h
alice token=t9 ip=192.0.2.9 agent=phone ${login(`every 20s x 8 ${wrong}`)}
alice token=t9 ip=192.0.2.9 agent=phone ${login(`every 20s ${right}`)}
alice token=t9 ip=192.0.2.9 agent=phone GET /me every 9s x 5 -> 200 {"name":"alice"}`,
    ],
    [
      'an update that changes the software of everybody',
      `${names(12)} GET /me every 3s x 20 -> 200 {"name":"{self}"}
wait 2h
${names(12)} agent=shop-app/5.0 ja4=t13d_new_stack ip=192.0.2.{n} GET /me every 3s x 3 -> 200 {"name":"{self}"}`,
    ],
    [
      'somebody with three devices at once',
      `alice token=t1 GET /me every 9s x 40 -> 200 {"name":"alice"}
alice token=t2 ip=192.0.2.9 agent=phone GET /me every 9s x 20 -> 200 {"name":"alice"}
alice token=t3 ip=192.0.2.77 agent=tablet GET /me every 9s x 20 -> 200 {"name":"alice"}
alice token=t1 GET /me every 9s x 20 -> 200 {"name":"alice"}
alice token=t2 ip=192.0.2.9 agent=phone GET /me every 9s x 20 -> 200 {"name":"alice"}`,
    ],
    [
      'a service behind a balancer with many addresses',
      `gateway kind=service ip=10.{n}.0.7 agent=go GET /orders every 30m x 200 -> 200 []`,
    ],
    [
      'a change of the keys that tokens are signed with',
      `${names(6)} kid=2026-01 GET /me every 3s -> 200 {"name":"{self}"}
${names(6)} token=new-{self} kid=2026-02 check=invalid GET /me every 3s -> 200 {"name":"{self}"}`,
    ],
    [
      'a clock that is half a minute late',
      `bob GET /me -> 401
alice exp=+10m GET /me -> 200 {"name":"alice"}
wait 10m
alice exp=+10m GET /me every 9s x 3 -> 200 {"name":"alice"}`,
    ],
  ]

  it.each(rows)('%s', (_, text) => {
    expect(raised(text)).toEqual([])
  })

  it('ran every row', () => expect(rows.length).toBe(9))
})

describe('the books', () => {
  const text = `learn ${names(8)} ${login(`every 30s ${right}`)}
${names(8)} GET /me every 3s x 10 -> 200 {"name":"{self}"}
u1 ip=203.0.113.9 agent=curl GET /me every 3s x 3 -> 200 {"name":"u1"}
u1 GET /me every 3s x 3 -> 200 {"name":"u1"}
u2 POST /logout -> 204
anonymous ip=203.0.113.66 agent=curl POST /login body={"username":"x{n}","password":"[redacted:password:aaaaaaaaaaaa]"} every 2s x 30 -> 401 {"error":"no"}
wait 5m
u2 ip=203.0.113.9 agent=curl GET /me every 3s -> 200 {"name":"u2"}
anonymous ip=203.0.113.66 agent=curl POST /login body={"username":"u3","password":"[redacted:password:aaaaaaaaaaaa]"} -> 200 {"token":"[redacted:token:{token:spoil}]"}
u3 token=spoil ip=203.0.113.9 agent=curl GET /me every 3s x 3 -> 200 {"name":"u3"}`

  it('go on from what they saved as if nothing had happened', () => {
    const calls = [...observations(traffic(text))]
    const whole = new Detection()
    for (const o of calls) whole.observe(o)
    for (const cut of [9, 95, 130]) {
      const [before, after] = [new Detection(), new Detection()]
      for (const o of calls.slice(0, cut)) before.observe(o)
      after.load(thaw(freeze(before.save())) as ReturnType<Detection['save']>)
      for (const o of calls.slice(cut)) after.observe(o)
      expect(after.signals(), `cut at ${cut}`).toEqual(whole.signals())
    }
    const found = new Set(whole.signals().map(({ detector }) => detector))
    expect([...found].filter(id => ours.has(id)).sort()).toEqual([
      'account-takeover',
      'client-change',
      'concurrent-use',
      'password-spraying',
      'token-reuse',
    ])
  })

  it('say the same of tokens, in whatever order late calls are told', () => {
    const calls = [...observations(traffic(text))].map(o => ({ ...o, call: { ...o.call, sensor: 'otlp' } }))
    const tell = (order: typeof calls): unknown => {
      const detection = new Detection()
      for (const o of order) detection.observe(o)
      const last = order.at(-1)
      if (last !== undefined)
        detection.observe({
          ...last,
          call: { ...last.call, id: 'end' as never, time: last.call.time + 60_000 },
        })
      return detection
        .signals()
        .filter(({ detector }) => detector === 'concurrent-use' || detector === 'token-reuse')
        .map(({ message, evidence }) => [message, evidence])
        .sort()
    }
    // Neighbours change places, as batches of spans do.
    const swapped = calls.map((_, index) => calls[index % 2 === 0 ? index + 1 : index - 1] ?? calls[index]!)
    expect(tell(calls)).not.toEqual([])
    expect(tell(swapped)).toEqual(tell(calls))
  })
})
