import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('score-payloads.ts', import.meta.url))
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })

it('says what is missing and exits 2', () => {
  expect(run()).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Which calls?') })
  expect(run('/nowhere')).toMatchObject({ status: 2, stderr: 'There is no folder /nowhere.\n' })
})

it('scores sets apart, by class, untrained and learned, and a log as background', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-'))
  try {
    const row = (id: string, family: string, label: string, value: string): string =>
      JSON.stringify({
        id,
        set: label === 'attack' && family === 'lfi' ? 'second' : 'first',
        family,
        label,
        payload: value,
        call: {
          id,
          time: '2026-01-05T09:00:00Z',
          source: { ip: '203.0.113.7' },
          destination: { host: 'api.example' },
          request: { method: 'GET', target: `/items?id=${encodeURIComponent(value)}`, headers: [] },
        },
      })
    const rows = [
      ...Array.from({ length: 80 }, (_, index) => row(`b${index}`, 'norm', 'benign', String(1_000 + index))),
      row('a1', 'sqli', 'attack', "1' or 1=1--"),
      row('a2', 'sqli', 'attack', "1'"),
      row('a3', 'lfi', 'attack', '../../etc/passwd'),
    ]
    writeFileSync(join(folder, 'rows.jsonl'), `${rows.join('\n')}\n`)
    mkdirSync(join(folder, 'background'))
    writeFileSync(
      join(folder, 'background', 'site.log'),
      Array.from(
        { length: 10 },
        (_, index) =>
          `198.51.100.${index} - - [17/May/2015:10:05:0${index} +0000] "GET /page/${index} HTTP/1.1" 200 10 "-" "Mozilla/5.0"`,
      ).join('\n'),
    )
    const { status, stdout, stderr } = run(folder, join(folder, 'background'), '--json')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { scores } = JSON.parse(stdout) as {
      scores: readonly {
        set: string
        training: string
        history: number
        recall: Record<string, unknown>
        falsePositives: unknown
      }[]
    }
    const of = (set: string, training: string) =>
      scores.find(each => each.set === set && each.training === training)
    expect(scores.map(({ set, training }) => `${set} ${training}`)).toEqual([
      'first untrained',
      'first learned',
      'second untrained',
      'site untrained',
      'site learned',
    ])
    expect(of('first', 'untrained')).toMatchObject({
      recall: { sqli: { found: 1, of: 2 } },
      falsePositives: { found: 0, of: 80 },
    })
    const learned = of('first', 'learned')!
    expect(learned.history).toBeGreaterThan(25)
    expect(learned).toMatchObject({
      recall: { sqli: { found: 2, of: 2 } },
      falsePositives: { found: 0, of: 80 - learned.history },
    })
    expect(of('second', 'untrained')).toMatchObject({ recall: { lfi: { found: 1, of: 1 } } })
    expect(of('site', 'learned')).toMatchObject({ history: 6, falsePositives: { found: 0, of: 4 } })
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
