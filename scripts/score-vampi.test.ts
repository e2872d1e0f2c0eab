import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('score-vampi.ts', import.meta.url))
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })

it('says what is missing and exits 2', () => {
  expect(run()).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Which recording?') })
  expect(run('/nowhere')).toMatchObject({ status: 2, stderr: 'There is no folder /nowhere.\n' })
})

it('scores a small recording: one thief among four users', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-'))
  try {
    const benign: unknown[] = []
    const attacks: unknown[] = []
    const access: unknown[] = []
    const at = (day: number, second: number): string =>
      new Date(Date.UTC(2026, 0, day, 9, 0, second)).toISOString()
    const call = (id: string, time: string, who: string, owner: string): unknown => ({
      id,
      time,
      source: { ip: '203.0.113.7' },
      destination: { host: 'api.example' },
      request: { method: 'GET', target: `/notes/${id.length}${id.slice(1)}`, headers: [] },
      response: {
        status: 200,
        headers: [['content-type', 'application/json']],
        body: JSON.stringify({ owner, text: 'x' }),
      },
      principal: { id: who, kind: 'user' },
    })
    for (const [user, who] of ['ann', 'bea', 'cid', 'dan'].entries()) {
      for (let index = 0; index < 10; index += 1) {
        const id = `b${user}${index}`
        benign.push(call(id, at(index < 6 ? 1 : 3, user * 10 + index), who, who))
        access.push({ call: id, principal: who, object: id, owner: who, relation: 'own', status: 200 })
      }
    }
    const calls: Record<string, unknown> = {}
    for (let index = 0; index < 5; index += 1) {
      const id = `a9${index}`
      attacks.push(call(id, at(3, 50 + index), 'eve', 'ann'))
      access.push({ call: id, principal: 'eve', object: id, owner: 'ann', relation: 'foreign', status: 200 })
      calls[id] = { attack: 'A01', kind: 'bola', outcome: 'success' }
    }
    const write = (name: string, rows: readonly unknown[]): void =>
      writeFileSync(join(folder, name), gzipSync(rows.map(row => JSON.stringify(row)).join('\n')))
    write('benign.jsonl.gz', benign)
    write('attacks.jsonl.gz', attacks)
    expect(run(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('access.jsonl.gz is missing'),
    })
    write('access.jsonl.gz', access)
    writeFileSync(
      join(folder, 'truth.json'),
      JSON.stringify({
        learnUntil: '2026-01-02T00:00:00Z',
        attacks: [{ id: 'A01', kind: 'bola', title: '', calls: 5 }],
        calls,
      }),
    )
    const { status, stdout } = run(folder, '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      calls: 45,
      rejected: 0,
      attacks: {
        found: 1,
        of: 1,
        each: [{ attack: 'A01', found: true, callsUntil: 1, coveredCalls: 5, outcomeRight: 5 }],
      },
      bola: { precision: 1, recall: 1, foreign: 5 },
      benign: { calls: 16, falseSignals: 0 },
    })
    expect(run(folder).stdout).toContain('attacks found        1 of 1')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
