import { describe, expect, it } from 'vitest'
import { Detection } from '../detection.ts'
import { clientChange } from '../detectors/client-change.ts'
import { concurrentUse } from '../detectors/concurrent-use.ts'
import { forgedToken } from '../detectors/forged-token.ts'
import { observations, traffic } from '../traffic.ts'
import type { TokenBookOptions } from './token-book.ts'

const detectors = [forgedToken, concurrentUse, clientChange]
const start = Date.UTC(2026, 2, 2, 9) / 1_000
const iatOf = (second: number): string => `check=unverified claims={"iat":${start + second}}`

/** So many people log in, one after the other, and use what they were given once. */
const logins = (people: number): string =>
  Array.from({ length: people }, (_, index) =>
    [
      `anonymous POST /login body={"username":"u${index}"} -> 200 {"token":"[redacted:token:{token:t${index}}]"}`,
      `u${index} token=t${index} ${iatOf(2 * index + 1)} GET /me -> 200 {"name":"u${index}"}`,
    ].join('\n'),
  ).join('\n')

function told(text: string, tokens: Partial<TokenBookOptions>): readonly string[] {
  const detection = new Detection({ detectors, graphDetectors: [], tokens })
  for (const o of observations(traffic(text))) detection.observe(o)
  if (tokens.tokens !== undefined && tokens.tokens < 100)
    expect(detection.stats.evicted.tokens).toBeGreaterThan(100)
  return detection.signals().map(({ detector, principal }) => `${detector} ${principal}`)
}

const people = 200
const last = 2 * people
const small = { tokens: 60, principals: 60 }

describe('what was forgotten of tokens for room', () => {
  it('is not taken for never handed out', () => {
    const again = `u3 token=t3 ${iatOf(7)} GET /me every 5s x 3 -> 200 {"name":"u3"}`
    expect(told(`${logins(people)}\n${again}`, small)).toEqual([])
    expect(told(`${logins(people)}\n${again}`, {})).toEqual([])
  })

  it('does not hide a token made up since', () => {
    const forged = `u3 token=made-up ${iatOf(last + 60)} GET /me -> 200 {"name":"u3"}`
    expect(told(`${logins(people)}\nwait 2m\n${forged}`, small)).toEqual(['forged-token user:u3'])
    expect(told(`${logins(people)}\nwait 2m\n${forged}`, {})).toEqual(['forged-token user:u3'])
  })

  it('makes nobody’s usual clients strange', () => {
    const usual = ['ip=198.51.100.7 agent=Firefox/140', 'ip=203.0.113.9 agent=Chrome/140']
    const habits = usual
      .map((client, index) => `ann token=a${index} ${client} GET /me every 5s x 30 -> 200 {"name":"ann"}`)
      .join('\n')
    const both = usual
      .map(client => `ann token=a9 ${client} GET /me every 40m -> 200 {"name":"ann"}`)
      .join('\n')
    const text = `${habits}\n${logins(people)}\n${both}`
    expect(told(text, small)).toEqual([])
    expect(told(text, {})).toEqual([])
  })
})
