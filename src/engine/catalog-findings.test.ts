import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Finding } from '../catalog/finding.ts'
import { MemoryStateStore } from '../store/memory/state-store.ts'
import type { CatalogFindingQuery } from '../store/ports/catalog-state.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { CatalogFindings } from './catalog-findings.ts'

const hour = 3_600_000

const finding = (id: string, more: Partial<Finding> = {}): Finding => ({
  id,
  rule: 'type-drift',
  severity: 'medium',
  endpoint: `GET h/${id}`,
  title: `Drift ${id}`,
  why: 'Seen in 1 call.',
  fix: 'Mend it.',
  owasp: [],
  evidence: ['c-1'],
  ...more,
})

let state: StateStore
let puts: { found: readonly string[]; gone: readonly string[]; at: number }[]
let refusing: boolean
const known = new Set<string>()

/** The store, with what is written noted. */
function findings(): CatalogFindings {
  const watched: StateStore = Object.create(state, {
    putCatalogFindings: {
      value: async (put: Parameters<StateStore['putCatalogFindings']>[0]) => {
        if (refusing) throw new Error('disk full')
        puts.push({ found: put.found.map(({ id }) => id), gone: put.gone ?? [], at: put.at })
        await state.putCatalogFindings(put)
      },
    },
    catalogFindings: { value: (query: CatalogFindingQuery) => state.catalogFindings(query) },
    dismissFinding: {
      value: (word: Parameters<StateStore['dismissFinding']>[0]) => state.dismissFinding(word),
    },
    standingFindings: { value: () => state.standingFindings() },
  })
  return new CatalogFindings({
    state: watched,
    save: work =>
      work().then(
        () => true,
        () => false,
      ),
    knows: endpoint => known.has(endpoint),
  })
}

const told = async (of: CatalogFindings) =>
  (await of.query({ now: 0 })).items.map(
    ({ finding: { id, why }, status, firstSeen, lastSeen }) =>
      `${id} ${status} ${firstSeen}-${lastSeen} ${why}`,
  )

beforeEach(async () => {
  state = await MemoryStateStore.open()
  puts = []
  refusing = false
  known.clear()
})
afterEach(() => state.close())

describe('findings of the catalog', () => {
  it('are written when they differ, not when they only count on', async () => {
    const keeper = findings()
    keeper.begun(false)
    keeper.take([finding('a'), finding('b')], 1_000)
    await keeper.flush()
    keeper.take([finding('a', { why: 'Seen in 2 calls.' }), finding('b', { severity: 'high' })], 2_000)
    await keeper.flush()
    await keeper.flush()
    expect(puts).toEqual([
      { found: ['a', 'b'], gone: [], at: 1_000 },
      { found: ['b'], gone: [], at: 2_000 },
    ])
    // The store holds the old count, the answer the new one.
    expect(await told(keeper)).toEqual([
      'b open 1000-2000 Seen in 1 call.',
      'a open 1000-2000 Seen in 2 calls.',
    ])
    keeper.take([finding('a'), finding('b', { severity: 'high' })], 1_000 + hour)
    await keeper.flush()
    expect(puts.at(-1)).toEqual({ found: ['a', 'b'], gone: [], at: 1_000 + hour })
  })

  it('go when they are no longer found, seen last when they were', async () => {
    const keeper = findings()
    keeper.begun(false)
    keeper.take([finding('a'), finding('b')], 1_000)
    await keeper.flush()
    keeper.take([finding('a'), finding('b')], 5_000)
    await keeper.flush()
    keeper.take([finding('b')], 9_000)
    expect(await told(keeper)).toEqual([
      'a gone 1000-5000 Seen in 1 call.',
      'b open 1000-9000 Seen in 1 call.',
    ])
    keeper.take([finding('a'), finding('b')], 12_000)
    expect((await told(keeper))[0]).toBe('a open 1000-12000 Seen in 1 call.')
  })

  it('stay what the store refused until it takes them', async () => {
    const keeper = findings()
    keeper.begun(false)
    refusing = true
    keeper.take([finding('a')], 1_000)
    await keeper.flush()
    expect(puts).toEqual([])
    refusing = false
    await keeper.flush()
    expect(puts).toEqual([{ found: ['a'], gone: [], at: 1_000 }])
  })

  it('of the time before stand until analysis knows better', async () => {
    const before = findings()
    before.begun(false)
    before.take([finding('a'), finding('b'), finding('c')], 1_000)
    await before.close()
    const rows: readonly (readonly [
      relearned: boolean,
      known: readonly string[],
      standing: readonly string[],
    ])[] = [
      [false, [], ['a', 'b', 'c']],
      [false, ['GET h/b'], ['a', 'c']],
      [true, [], ['c']],
    ]
    for (const [relearned, endpoints, standing] of rows) {
      known.clear()
      for (const endpoint of endpoints) known.add(endpoint)
      const keeper = findings()
      await keeper.read()
      keeper.begun(relearned)
      keeper.take([finding('c')], 2_000)
      await keeper.flush()
      expect([relearned, endpoints, (await state.standingFindings()).map(({ id }) => id)]).toEqual([
        relearned,
        endpoints,
        standing,
      ])
    }
    expect(rows).toHaveLength(3)
  })

  it('stay dismissed when their endpoints are folded into one, where all of them were', async () => {
    const at = (endpoint: string, id: string, title: string) => finding(id, { endpoint, title })
    const rows: readonly (readonly [dismissed: readonly string[], status: string])[] = [
      [['a', 'b'], 'dismissed'],
      [['a'], 'open'],
      [[], 'open'],
    ]
    for (const [dismissed, status] of rows) {
      state = await MemoryStateStore.open()
      const keeper = findings()
      keeper.begun(false)
      keeper.take(
        [at('GET h/x', 'a', 'T: id'), at('GET h/y', 'b', 'T: id'), at('GET h/y', 'c', 'T: name')],
        1_000,
      )
      await keeper.flush()
      for (const id of dismissed)
        await state.dismissFinding({ id, by: 'token:ops', at: 1_500, reason: 'Known.', until: 9_000 })
      keeper.merged([
        ['GET h/x', 'GET h/{z}'],
        ['GET h/y', 'GET h/{z}'],
      ])
      keeper.take([at('GET h/{z}', 'd', 'T: id'), at('GET h/{z}', 'e', 'T: name')], 2_000)
      await keeper.flush()
      const { items } = await state.catalogFindings({ now: 2_000, ids: ['d', 'e'] })
      expect([dismissed, items.map(one => one.status)]).toEqual([dismissed, [status, 'open']])
    }
    expect(rows).toHaveLength(3)
  })

  it('are told with their last sight when all ends', async () => {
    const keeper = findings()
    keeper.begun(false)
    keeper.take([finding('a')], 1_000)
    await keeper.flush()
    keeper.take([finding('a')], 2_000)
    await keeper.close()
    expect((await state.catalogFindings({ now: 0 })).items[0]).toMatchObject({
      firstSeen: 1_000,
      lastSeen: 2_000,
    })
  })
})
