import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Incident } from '../../src/detect/incident.ts'
import type { Signal } from '../../src/detect/signal.ts'
import { callId, endpointId, type IncidentId, principalId, type SignalId } from '../../src/kit/id.ts'
import { auditGenesis, auditHash } from '../../src/store/audit-chain.ts'
import type {
  ApiToken,
  DecisionRecord,
  Page,
  QuarantineEntry,
  StateStore,
} from '../../src/store/ports/state-store.ts'

export interface StateStoreKit {
  readonly name: string
  /** An empty store each time. */
  open(): Promise<StateStore>
  /** Why this driver cannot run here. */
  readonly skip?: string | undefined
}

export const aSignal = (index: number, change: Partial<Signal> = {}): Signal => ({
  id: `s-${String(index).padStart(6, '0')}` as SignalId,
  detector: index % 2 === 0 ? 'object-walk' : 'credential-stuffing',
  time: 1_800_000_000_000 + index * 1_000,
  severity: 'high',
  confidence: 0.9,
  principal: principalId('user', index % 3 === 0 ? 'mallory' : 'alice'),
  endpoint: endpointId('GET', 'api.shop.example', '/orders/{orderId}'),
  message: `Ünïcode “message” ${index}`,
  observed: { objects: index },
  expected: { objects: 1 },
  attempt: false,
  owasp: ['API1:2023'],
  attack: [],
  evidence: [callId(`c-${index}`)],
  objects: [`order:${index}`],
  dataClasses: [],
  ...change,
})

export const anIncident = (index: number, change: Partial<Incident> = {}): Incident => ({
  id: `i-${String(index).padStart(6, '0')}` as IncidentId,
  title: `Incident ${index}`,
  severity: 'critical',
  risk: 90,
  opened: 1_800_000_000_000,
  updated: 1_800_000_000_000 + index * 1_000,
  status: index % 2 === 0 ? 'open' : 'contained',
  principals: [principalId('user', 'mallory')],
  tenants: [],
  endpoints: [],
  workloads: [],
  dataClasses: [],
  signals: [],
  detectors: [],
  objects: [],
  objectCount: 0,
  story: [],
  evidence: [],
  actions: [],
  unsure: [],
  ...change,
})

const aDecision = (index: number, change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  id: `d-${index}`,
  time: 1_800_000_000_000 + index,
  action: 'block',
  phase: 'request',
  policy: index % 2 === 0 ? 'own-orders' : 'no-admin',
  mode: 'enforce',
  principal: index % 3 === 0 ? 'user:mallory' : 'user:alice',
  endpoint: 'GET api.shop.example/orders/{orderId}',
  call: `c-${index}`,
  reason: 'Not the owner.',
  ...change,
})

const aToken = (index: number): ApiToken => ({
  id: `t-${index}`,
  name: `token ${index}`,
  role: 'analyst',
  hash: `${index}`.padStart(64, 'a'),
  createdAt: 1_800_000_000_000 + index,
})

const anEntry = (index: number, change: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  id: `q-${index}`,
  kind: 'principal',
  target: 'user:mallory',
  reason: 'Walks order numbers.',
  createdAt: 1_000 + index,
  createdBy: 'token:ops',
  expiresAt: 10_000 + index,
  ...change,
})

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

async function allPages<Item>(read: (cursor: { cursor?: string }) => Promise<Page<Item>>): Promise<Item[][]> {
  const pages: Item[][] = []
  let cursor: string | undefined
  do {
    const page: Page<Item> = await read(cursor === undefined ? {} : { cursor })
    pages.push([...page.items])
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < 10_000)
  return pages
}

/** What every driver of the state store must do; each is run against all of it. */
export function stateStoreContract(kit: StateStoreKit): void {
  const title = kit.skip === undefined ? kit.name : `${kit.name} (skipped: ${kit.skip})`
  describe.skipIf(kit.skip !== undefined)(`state store contract: ${title}`, () => {
    const opened: StateStore[] = []
    let store: StateStore
    const open = async (): Promise<StateStore> => {
      const fresh = await kit.open()
      opened.push(fresh)
      return fresh
    }
    beforeEach(async () => {
      store = await open()
    })
    afterAll(async () => {
      for (const each of opened) await each.close()
    })

    test('gives back findings as they were put, and replaces by id', async () => {
      await store.putFindings({ signals: [aSignal(1), aSignal(2)], incidents: [anIncident(1)] })
      await store.putFindings({
        signals: [aSignal(2, { confidence: 0.1 })],
        incidents: [anIncident(1, { title: 'Worse now', risk: 99 })],
      })
      expect((await store.signals({})).items).toEqual([aSignal(2, { confidence: 0.1 }), aSignal(1)])
      expect(await store.incident('i-000001')).toEqual(anIncident(1, { title: 'Worse now', risk: 99 }))
      expect(await store.incident('i-none')).toBeUndefined()
    })

    test('forgets an incident that became part of another', async () => {
      await store.putFindings({ signals: [], incidents: [anIncident(1), anIncident(2)] })
      await store.putFindings({ signals: [], incidents: [], folded: ['i-000001', 'i-none'] })
      expect((await store.incidents({})).items).toEqual([anIncident(2)])
    })

    test('the last of two with one id in one batch counts', async () => {
      await store.putFindings({ signals: [aSignal(1), aSignal(1, { message: 'second' })], incidents: [] })
      expect((await store.signals({})).items.map(signal => signal.message)).toEqual(['second'])
    })

    test('filters signals and incidents by every condition', async () => {
      await store.putFindings({
        signals: range(12).map(index => aSignal(index)),
        incidents: range(6).map(index => anIncident(index)),
      })
      const ids = async (query: Parameters<StateStore['signals']>[0]): Promise<string[]> =>
        (await store.signals(query)).items.map(signal => String(Number(signal.id.slice(2))))
      expect(await ids({ principal: 'user:mallory' })).toEqual(['9', '6', '3', '0'])
      expect(await ids({ detector: 'object-walk', since: aSignal(8).time })).toEqual(['10', '8'])
      expect(await ids({ ids: [aSignal(4).id, aSignal(7).id, 's-none'] })).toEqual(['7', '4'])
      expect(await ids({ ids: [] })).toEqual([])
      expect(await ids({ endpoint: 'GET elsewhere.example/' })).toEqual([])
      expect(await ids({ principal: "' or 1=1 --" })).toEqual([])
      const open = await store.incidents({ status: 'open', since: anIncident(2).updated })
      expect(open.items.map(incident => incident.id)).toEqual(['i-000004', 'i-000002'])
    })

    test('pages together are the whole list, newest first, without repeats, at any page size', async () => {
      let runs = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
          fc.integer({ min: 1, max: 8 }),
          async (times, limit) => {
            runs += 1
            const fresh = await open()
            const decisions = times.map((time, index) => aDecision(index, { time }))
            await fresh.putDecisions(decisions)
            const pages = await allPages(cursor => fresh.decisions({ limit, ...cursor }))
            const order = (a: DecisionRecord, b: DecisionRecord): number =>
              b.time - a.time || (a.id < b.id ? 1 : -1)
            expect(pages.flat()).toEqual([...decisions].sort(order))
            expect(pages.every(page => page.length <= limit)).toBe(true)
            await fresh.close()
          },
        ),
        { numRuns: 25 },
      )
      expect(runs).toBe(25)
    })

    test('a page that is exactly full has no cursor when nothing follows', async () => {
      await store.putDecisions(range(4).map(index => aDecision(index)))
      const first = await store.decisions({ limit: 2 })
      expect(first.cursor).toBeDefined()
      const second = await store.decisions({ limit: 2, cursor: first.cursor ?? '' })
      expect(second.items.map(decision => decision.id)).toEqual(['d-1', 'd-0'])
      expect(second.cursor).toBeUndefined()
    })

    test('refuses limits and cursors that are none', async () => {
      const bad = [
        { limit: 0 },
        { limit: 1_001 },
        { limit: 1.5 },
        { cursor: 'nonsense' },
        { cursor: '' },
        { cursor: 'x'.repeat(9_000) },
      ]
      let refused = 0
      for (const query of bad) {
        await expect(store.decisions(query)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
        await expect(store.auditLog(query)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
        refused += 1
      }
      expect(refused).toBe(6)
    })

    test('filters decisions, and the same decision again changes nothing', async () => {
      await store.putDecisions(range(6).map(index => aDecision(index)))
      await store.putDecisions([aDecision(3, { reason: 'rewritten' })])
      const own = await store.decisions({ principal: 'user:mallory', policy: 'no-admin', since: 0 })
      expect(own.items).toEqual([aDecision(3)])
      expect((await store.decisions({})).items).toHaveLength(6)
    })

    test('remembers and forgets resolutions', async () => {
      const closed = {
        incident: 'i-1',
        status: 'closed',
        reason: 'A drill.',
        at: 5,
        by: 'token:ops',
      } as const
      await store.putResolution(closed)
      await store.putResolution({ ...closed, reason: 'A planned drill.', at: 6 })
      expect(await store.resolutions()).toEqual([{ ...closed, reason: 'A planned drill.', at: 6 }])
      await store.deleteResolution('i-1')
      expect(await store.resolutions()).toEqual([])
    })

    test('counts policy versions and holds changes to the version they were made on', async () => {
      const refused = { code: 'resource/precondition-failed' }
      expect(await store.putPolicy('b', 'one', 'ops', 1, 0)).toEqual({
        name: 'b',
        source: 'one',
        version: 1,
        updatedAt: 1,
        updatedBy: 'ops',
      })
      await expect(store.putPolicy('b', 'two', 'ops', 2, 0)).rejects.toMatchObject(refused)
      await expect(store.putPolicy('none', 'two', 'ops', 2, 1)).rejects.toMatchObject(refused)
      expect((await store.putPolicy('b', 'two', 'eve', 2, 1)).version).toBe(2)
      expect((await store.putPolicy('b', 'three', 'eve', 3)).version).toBe(3)
      await store.putPolicy('a', 'other', 'ops', 4)
      expect((await store.policies()).map(policy => `${policy.name}@${policy.version}`)).toEqual([
        'a@1',
        'b@3',
      ])
      await expect(store.deletePolicy('b', 2)).rejects.toMatchObject(refused)
      expect(await store.deletePolicy('b', 3)).toBe(true)
      expect(await store.deletePolicy('b')).toBe(false)
    })

    test('of two changes made at once on one version, one wins', async () => {
      await store.putPolicy('p', 'v1', 'ops', 1)
      const outcomes = await Promise.allSettled([
        store.putPolicy('p', 'x', 'a', 2, 1),
        store.putPolicy('p', 'y', 'b', 2, 1),
      ])
      expect(outcomes.map(outcome => outcome.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect((await store.policies())[0]?.version).toBe(2)
    })

    test('lists quarantine that holds, and keeps what was released or ran out', async () => {
      await store.putQuarantine(anEntry(1))
      await store.putQuarantine(anEntry(2, { kind: 'token', incident: 'i-7' }))
      expect(await store.quarantine(10_001)).toEqual([anEntry(2, { kind: 'token', incident: 'i-7' })])
      const released = await store.releaseQuarantine('q-2', 'token:ops', 500)
      expect(released).toEqual(
        anEntry(2, { kind: 'token', incident: 'i-7', releasedAt: 500, releasedBy: 'token:ops' }),
      )
      expect(await store.releaseQuarantine('q-2', 'token:late', 900)).toEqual(released)
      expect(await store.releaseQuarantine('q-none', 'token:ops', 1)).toBeUndefined()
      expect((await store.quarantine(0)).map(entry => entry.id)).toEqual(['q-1'])
      expect((await store.quarantine(10_001, { all: true })).map(entry => entry.id)).toEqual(['q-2', 'q-1'])
    })

    test('keeps tokens, their use and their end', async () => {
      await store.putToken(aToken(1))
      await store.putToken(aToken(2))
      await store.touchToken('t-1', 7)
      expect(await store.tokenByHash(aToken(1).hash)).toEqual({ ...aToken(1), lastUsedAt: 7 })
      expect(await store.tokenByHash('none')).toBeUndefined()
      expect(await store.revokeToken('t-2', 9)).toBe(true)
      expect(await store.revokeToken('t-2', 10)).toBe(false)
      expect(await store.revokeToken('t-none', 10)).toBe(false)
      expect(await store.tokens()).toEqual([
        { ...aToken(2), revokedAt: 9 },
        { ...aToken(1), lastUsedAt: 7 },
      ])
    })

    test('chains audit records, also those written at once', async () => {
      const written = await Promise.all(
        range(12).map(index =>
          store.audit({
            time: index,
            actor: 'token:ops',
            action: 'policy.put',
            target: `p${index}`,
            detail: { b: index, a: [1, { z: null, y: 'ü' }] },
          }),
        ),
      )
      expect(written.map(record => record.sequence).sort((a, b) => a - b)).toEqual(
        range(12).map(index => index + 1),
      )
      const read = (await allPages(cursor => store.auditLog({ limit: 5, ...cursor }))).flat()
      expect(read).toEqual([...written].sort((a, b) => b.sequence - a.sequence))
      // Anyone can recompute the chain from what the API shows.
      let previous = auditGenesis
      for (const { hash, ...record } of [...read].reverse()) {
        expect(hash).toBe(auditHash(previous, record))
        previous = hash
      }
      expect(await store.verifyAudit()).toBeUndefined()
    })

    test('an empty audit log is whole', async () => {
      expect(await store.verifyAudit()).toBeUndefined()
      expect(await store.auditLog({})).toEqual({ items: [] })
    })

    test('keeps settings', async () => {
      expect(await store.getSetting('bypass')).toBeUndefined()
      await store.putSetting('bypass', 'on')
      await store.putSetting('bypass', 'off')
      expect(await store.getSetting('bypass')).toBe('off')
    })
  })
}
