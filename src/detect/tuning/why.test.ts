import { describe, expect, it } from 'vitest'
import { Detection } from '../detection.ts'
import { detectors } from '../detectors/index.ts'
import { observations, traffic } from '../traffic.ts'
import { noTuning } from './tuning.ts'
import { whyStates } from './why.ts'

const taught =
  'learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}'

/** What the detector says of the last call. */
function asked(text: string, detector: string, prepare: (detection: Detection) => void = () => undefined) {
  const detection = new Detection()
  prepare(detection)
  const all = [...observations(traffic(text))]
  for (const o of all) detection.observe(o)
  const last = all.at(-1)
  if (last === undefined) throw new Error('no calls')
  return detection.why(last, detector)[0]
}

describe('why a call was not raised', () => {
  it.each(detectors.map(({ id, examples }) => ({ id, text: examples.quiet[0] ?? '' })))(
    'is said by every detector of the quiet example of $id, and changes nothing',
    ({ text }) => {
      const detection = new Detection()
      let last: Parameters<Detection['why']>[0] | undefined
      for (const o of observations(traffic(text))) {
        detection.observe(o)
        last = o
      }
      if (last === undefined) throw new Error('no calls')
      const before = JSON.stringify([detection.signals(), detection.stats])
      const said = detection.why(last)
      expect(said.length).toBeGreaterThanOrEqual(detectors.length)
      for (const { detector, state, text: words, value, threshold } of said) {
        expect(whyStates, detector).toContain(state)
        expect(words, detector).toMatch(/^[^\s{].*\.$/s)
        expect(words, detector).not.toMatch(/undefined|NaN/)
        for (const number of [value, threshold])
          if (number !== undefined) expect(number).toSatisfy(Number.isFinite)
      }
      expect(detection.why(last)).toEqual(said)
      expect(JSON.stringify([detection.signals(), detection.stats])).toBe(before)
    },
  )

  const guess = (times: number): string =>
    `anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 2s x ${times} -> 401 {"error":"wrong password"}`

  it('is told with what was seen and what it takes', () => {
    expect(asked(guess(7), 'brute-force')).toEqual({
      ...{ detector: 'brute-force', state: 'below', value: 7, threshold: 10 },
      unit: 'failures in ten minutes',
      text: expect.stringContaining('7 logins to alice failed in ten minutes with 7 passwords (from 10'),
    })
    expect(asked(guess(15), 'brute-force')).toMatchObject({ state: 'raised' })
  })

  it('has the numbers of logins and of tokens', () => {
    const stuffing = `anonymous POST /login body={"username":"user{n}","password":"[redacted:password:0000000000{n}]"} every 20s x 7 -> 401 {"error":"wrong password"}`
    expect(asked(stuffing, 'credential-stuffing')).toMatchObject({
      ...{ state: 'below', value: 7, threshold: 10, unit: 'accounts that fail in an hour' },
      text: expect.stringContaining(
        '7 accounts failed from this source within an hour (from 10 on), and 100 %',
      ),
    })
    expect(asked('alice exp=+10m GET /me -> 200 {"name":"alice"}', 'token-reuse')).toMatchObject({
      ...{ state: 'below', value: 0, threshold: 60 },
      text: 'Its token is good for 10 minutes more, and nothing is known to have ended it.',
    })
    const redeem =
      'mallory POST /vouchers/redeem body={"code":"SAVE-{n}"} every 2s x 3 -> 404 {"error":"unknown voucher"}'
    expect(asked(redeem, 'token-cracking')).toMatchObject({ state: 'below', value: 3 })
    expect(asked('alice GET /me -> 200 {"name":"alice"}', 'token-cracking')).toMatchObject({
      state: 'other-kind',
    })
    expect(asked('alice check=unverified GET /me -> 200 {"name":"alice"}', 'forged-token')).toMatchObject({
      ...{ state: 'learning', value: 1, threshold: 20 },
    })
    expect(asked('alice GET /me -> 200 {"name":"alice"}', 'forged-token')).toMatchObject({ state: 'below' })
    expect(asked('alice GET /me -> 200 {"name":"alice"}', 'token-binding')).toMatchObject({ state: 'exempt' })
  })

  it('is that whose it is is not known yet, or that it is the caller’s own', () => {
    const own = 'alice GET /orders/{alice}-{1} -> 200 {"id":"alice-1","owner":"alice"}'
    expect(asked(own, 'owner-binding')).toMatchObject({ state: 'learning' })
    expect(asked(`${taught}\n${own}`, 'owner-binding')).toMatchObject({
      ...{ state: 'below', value: 0, threshold: 1 },
      text: expect.stringContaining('names the owner ('),
    })
  })

  it('is that it is off, or that somebody dismissed it', () => {
    const raid = `${taught}\nmallory GET /orders/{bob}-{1} -> 200 {"id":"bob-1","owner":"bob"}`
    const off = { detector: 'owner-binding', enabled: false, options: {}, at: 0, by: 'token:ops' }
    expect(
      asked(raid, 'owner-binding', detection => detection.tune({ ...noTuning, settings: [off] })),
    ).toMatchObject({ state: 'off' })
    const word = { scope: 'actor-detector', reason: 'test', incident: 'i', attemptsOnly: false } as const
    const suppression = { id: 's', detector: 'owner-binding', actor: 'user:mallory', at: 0, by: 'token:ops' }
    expect(
      asked(raid, 'owner-binding', detection =>
        detection.tune({
          ...noTuning,
          suppressions: [{ ...suppression, ...word, expiresAt: Date.parse('2027-01-01') }],
        }),
      ),
    ).toMatchObject({
      state: 'suppressed',
      text: 'token:ops dismissed it (test) until 2027-01-01.',
    })
  })

  it('refuses a detector that there is not', () => {
    expect(() => asked(guess(1), 'no-such')).toThrow(/no detector "no-such"/)
  })
})
