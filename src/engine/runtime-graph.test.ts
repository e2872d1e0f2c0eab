import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import type { ApiCall } from '../call/api-call.ts'
import { bytesOf } from '../graph/state/graph-bytes.ts'
import { stateOf } from '../graph/state/graph-state.ts'
import type { CallId } from '../kit/id.ts'
import { Analysis } from './analysis.ts'
import type { CountedState } from './counted-calls.ts'
import { readGraphFile, writeGraphFile } from './graph-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-graph-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const start = 1.7e12
const web = { namespace: 'shop', name: 'web' }
const orders = { namespace: 'shop', name: 'orders' }

/** Paths that are folded into one template once there are enough of them. */
function call(index: number): ApiCall {
  const { call: base } = storedCall(index)
  const path = `/things/${['alpha', 'b7', 'gamma', '19', 'x-ray'][index % 5]}${index}/parts`
  return {
    ...base,
    id: `call-${index}` as CallId,
    time: start + index * 500,
    source: index % 3 === 0 ? { workload: web } : { ip: '203.0.113.9' },
    destination: { host: 'orders.shop', workload: orders },
    request: { ...base.request, path, target: path },
  }
}

const calls = Array.from({ length: 300 }, (_, index) => call(index))

const told = (analysis: Analysis) =>
  [...analysis.graphNow().allEdges()]
    .map(({ from, to, kind, count, refused }) => `${from} ${kind} ${to} ${count} ${refused}`)
    .sort()

function observed(all: readonly ApiCall[]): Analysis {
  const analysis = new Analysis()
  for (const one of all) analysis.observe(one)
  analysis.catalog.settle()
  return analysis
}

describe('the graph over a restart', () => {
  it.each([0, 7, 150, 299, 300])('counts each call once where %i were counted', async cut => {
    const file = join(folder, `graph-${cut}`)
    const first = observed(calls.slice(0, cut))
    await writeGraphFile(file, bytesOf(stateOf(first.graphNow()), first.graph.counted(2e12)))
    const kept = await readGraphFile(file)
    if (kept === undefined || 'trouble' in kept) throw new Error('not kept')
    const second = new Analysis()
    second.graph.restore(kept.state, kept.note as CountedState)
    // The store has them all: what came after the snapshot too.
    for (const one of calls) second.observe(one)
    second.catalog.settle()
    second.warmedUp()
    expect(told(second)).toEqual(told(observed(calls)))
    // What comes now is new, whatever its id or time.
    second.observe({ ...call(3), time: start })
    const before = observed(calls)
    before.observe({ ...call(3), time: start })
    expect(told(second)).toEqual(told(before))
  })
})

describe('the file of the graph', () => {
  const analysis = observed(calls.slice(0, 20))
  const bytes = bytesOf(stateOf(analysis.graphNow()), analysis.graph.counted(2e12))

  it('is nothing where there is none', async () => {
    expect(await readGraphFile(join(folder, 'none'))).toBeUndefined()
  })

  const rows: readonly (readonly [what: string, wrong: Buffer, why: RegExp])[] = [
    ['empty', Buffer.alloc(0), /it is no snapshot of a graph/],
    ['of something else', Buffer.from('{"version":1}'.repeat(10)), /it is no snapshot of a graph/],
    ['cut off', bytes.subarray(0, bytes.length - 9), /its checksum does not match/],
    ['changed', Buffer.concat([bytes.subarray(0, 99), Buffer.of(0), bytes.subarray(100)]), /its checksum/],
  ]
  it.each(rows)('is put aside where it is %s', async (what, wrong, why) => {
    const file = join(folder, what.replaceAll(' ', '-'))
    writeFileSync(file, wrong)
    const read = await readGraphFile(file)
    expect(read).toEqual({ trouble: expect.stringMatching(why) })
    expect(readFileSync(`${file}.unreadable`)).toEqual(wrong)
    expect(await readGraphFile(file)).toBeUndefined()
  })
  it('was put aside in all of the table', () => expect(rows).toHaveLength(4))

  it('takes the place of the one before at once', async () => {
    const file = join(folder, 'again')
    await writeGraphFile(file, Buffer.from('before'))
    await writeGraphFile(file, bytes)
    expect(readFileSync(file)).toEqual(bytes)
    expect(readdirSync(folder).filter(name => name.endsWith('.new'))).toEqual([])
  })
})
