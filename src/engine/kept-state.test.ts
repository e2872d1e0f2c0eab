import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import type { ApiCall } from '../call/api-call.ts'
import type { SallyportEvent } from '../call/event.ts'
import { parseStored } from '../catalog/spec/stored-specification.ts'
import type { CallId } from '../kit/id.ts'
import { Analysis } from './analysis.ts'
import { type KeptState, keptBytes } from './kept-state.ts'
import { readStateFile, writeStateFile } from './state-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-state-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const start = 1.7e12
const web = { namespace: 'shop', name: 'web' }
const orders = { namespace: 'shop', name: 'orders' }

/** Paths that are folded into one template once there are enough of them, and one caller who walks through them. */
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

const access = (index: number): SallyportEvent => ({
  type: 'access',
  id: `read-${index}`,
  time: start + index * 500 + 20,
  workload: orders,
  store: { system: 'postgresql', host: 'orders-db', namespace: 'shop', collection: 'orders' },
  operation: 'SELECT',
  rows: index % 7,
  sensor: 'otlp',
})

const calls = Array.from({ length: 300 }, (_, index) => call(index))
const events = calls.flatMap((one, index) => [one, access(index)])

function document(analysis: Analysis): string {
  analysis.catalog.settle()
  return JSON.stringify([
    analysis.catalog.endpoints(),
    analysis.signals(),
    analysis.incidents(),
    analysis.findings(),
    analysis.principals(),
    [...analysis.graphNow().allEdges()],
    analysis.snapshot(1),
  ])
}

function observed(all: readonly SallyportEvent[], analysis = new Analysis()): Analysis {
  for (const one of all) analysis.observe(one)
  return analysis
}

async function kept(analysis: Analysis, name: string): Promise<KeptState> {
  const file = join(folder, name)
  await writeStateFile(file, keptBytes(analysis, 'same', '', 2e12))
  const read = await readStateFile(file, analysis.externals())
  if (read === undefined || 'trouble' in read) throw new Error('not kept')
  return read.state as KeptState
}

describe('what was learned, over a restart', () => {
  const whole = document(observed(events))

  it.each([0, 1, 7, 300, 599, 600])('goes on after %i events as if nothing had happened', async cut => {
    const state = await kept(observed(events.slice(0, cut)), `split-${cut}`)
    const second = new Analysis()
    second.load(state.analysis)
    expect(document(observed(events.slice(cut), second))).toBe(whole)
  })

  it('keeps specifications and what people said', async () => {
    const specification = parseStored([
      {
        name: 'things.yaml',
        source:
          'openapi: 3.1.0\ninfo: {title: Things, version: "1"}\nservers: [{url: "https://orders.shop"}]\npaths:\n  /things/{thing}/parts:\n    get:\n      parameters: [{name: thing, in: path, required: true, schema: {type: string}}]\n      responses: {"200": {description: ok}}\n  /never: {get: {responses: {"200": {description: ok}}}}\n',
      },
    ])
    const make = () => {
      const analysis = new Analysis()
      analysis.specify(specification)
      return analysis
    }
    const uninterrupted = observed(events, make())
    expect(uninterrupted.orphans()).toHaveLength(1)
    const state = await kept(observed(events.slice(0, 200), make()), 'specified')
    const second = new Analysis()
    second.load(state.analysis)
    expect(document(observed(events.slice(200), second))).toBe(document(uninterrupted))
    expect(second.orphans()).toEqual(uninterrupted.orphans())
  })

  it.each([0, 7, 150, 299, 300])('counts each call once where %i were counted', async cut => {
    const state = await kept(observed(calls.slice(0, cut)), `counted-${cut}`)
    const second = new Analysis()
    second.resume(state.analysis, state.counted)
    // The store has them all: what came after the state was kept too.
    observed(calls, second)
    second.warmedUp()
    expect(document(second)).toBe(document(observed(calls)))
    const told = new Set(second.drainEndpoints().map(({ id }) => id))
    expect(second.catalog.endpoints().filter(({ id }) => !told.has(id))).toEqual([])
    expect(second.calls).toBe(300)
    // What comes now is new, whatever its id or time.
    second.observe({ ...call(3), time: start })
    expect(second.calls).toBe(301)
  })
})

describe('the file of what was learned', () => {
  const analysis = observed(events.slice(0, 20))
  const bytes = keptBytes(analysis, 'same', '', 2e12)

  it('is nothing where there is none', async () => {
    expect(await readStateFile(join(folder, 'none'), analysis.externals())).toBeUndefined()
  })

  const rows: readonly (readonly [what: string, wrong: Buffer, why: RegExp])[] = [
    ['empty', Buffer.alloc(0), /it is none of ours/],
    ['of something else', Buffer.from('{"version":1}'.repeat(10)), /it is none of ours/],
    ['cut off', bytes.subarray(0, bytes.length - 9), /its checksum does not match/],
    ['changed', Buffer.concat([bytes.subarray(0, 99), Buffer.of(0), bytes.subarray(100)]), /its checksum/],
  ]
  it.each(rows)('is put aside where it is %s', async (what, wrong, why) => {
    const file = join(folder, what.replaceAll(' ', '-'))
    writeFileSync(file, wrong)
    expect(await readStateFile(file, analysis.externals())).toEqual({ trouble: expect.stringMatching(why) })
    expect(readFileSync(`${file}.unreadable`)).toEqual(wrong)
    expect(await readStateFile(file, analysis.externals())).toBeUndefined()
  })
  it('was put aside in all of the table', () => expect(rows).toHaveLength(4))

  it('is put aside where a class of data it speaks of is no more', async () => {
    const file = join(folder, 'classless')
    await writeStateFile(file, bytes)
    expect(await readStateFile(file, new Map())).toEqual({
      trouble: expect.stringMatching(/it refers to data-class/),
    })
  })

  it('takes the place of the one before at once', async () => {
    const file = join(folder, 'again')
    await writeStateFile(file, Buffer.from('before'))
    await writeStateFile(file, bytes)
    expect(readFileSync(file)).toEqual(bytes)
    expect(readdirSync(folder).filter(name => name.endsWith('.new'))).toEqual([])
  })
})
