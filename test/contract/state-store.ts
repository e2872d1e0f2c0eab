import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/catalog/finding.ts'
import type { Incident } from '../../src/detect/incident.ts'
import type { Signal } from '../../src/detect/signal.ts'
import type { Suppression } from '../../src/detect/tuning/suppression.ts'
import type { Feedback } from '../../src/detect/tuning/tuning.ts'
import { callId, endpointId, type IncidentId, principalId, type SignalId } from '../../src/kit/id.ts'
import { auditGenesis, auditHash } from '../../src/store/audit-chain.ts'
import type { StoredDirection, StoredFinding } from '../../src/store/ports/catalog-state.ts'
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

const aFinding = (index: number, change: Partial<Finding> = {}): Finding => ({
  id: `f-${String(index).padStart(6, '0')}`,
  rule: index % 2 === 0 ? 'undocumented-endpoint' : 'type-drift',
  severity: (['info', 'low', 'medium', 'high', 'critical'] as const)[index % 5] ?? 'info',
  endpoint: index % 3 === 0 ? 'GET api.shop.example/orders/{orderId}' : 'POST api.shop.example/carts',
  title: `Finding ${index} of 100%_sure`,
  why: 'Seen in “traffic”.',
  fix: 'Write it down.',
  owasp: ['API9:2023'],
  evidence: [`c-${index}`],
  ...change,
})

const aPin = (index: number, change: Partial<StoredDirection> = {}): StoredDirection => ({
  id: `p-${index}`,
  kind: 'pin',
  body: JSON.stringify({ id: `p-${index}`, host: '*', template: '/users/{id}' }),
  at: 1_000 + index,
  by: 'token:ops',
  ...change,
})

const day = 86_400_000

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
        signals: range(12).map(index =>
          aSignal(index, index % 5 === 0 ? { held: { score: 0.2, threshold: 0.5 } } : {}),
        ),
        incidents: range(6).map(index => anIncident(index)),
      })
      const ids = async (query: Parameters<StateStore['signals']>[0]): Promise<string[]> =>
        (await store.signals(query)).items.map(signal => String(Number(signal.id.slice(2))))
      expect(await ids({ principal: 'user:mallory' })).toEqual(['9', '6', '3', '0'])
      expect(await ids({ detector: 'object-walk', since: aSignal(8).time })).toEqual(['10', '8'])
      expect(await ids({ ids: [aSignal(4).id, aSignal(7).id, 's-none'] })).toEqual(['7', '4'])
      expect(await ids({ held: true })).toEqual(['10', '5', '0'])
      expect(await ids({ held: false, detector: 'object-walk' })).not.toContain('10')
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
      expect(await store.decision(own.items[0]?.id ?? '')).toEqual(own.items[0])
      expect(await store.decision('none')).toBeUndefined()
      expect(own.items).toEqual([aDecision(3)])
      expect((await store.decisions({})).items).toHaveLength(6)
    })

    test('finds decisions by action, phase, mode and time, and is not fooled by what a reason says', async () => {
      await store.putDecisions([
        aDecision(0, { action: 'block', phase: 'request', mode: 'enforce' }),
        aDecision(1, { action: 'tag', phase: 'request', mode: 'shadow', reason: '"action":"block"' }),
        aDecision(2, { action: 'block', phase: 'response', mode: 'canary' }),
      ])
      const times = (await store.decisions({})).items.map(({ time }) => time)
      const rows = [
        [{ action: 'block' }, ['d-2', 'd-0']],
        [{ phase: 'request' }, ['d-1', 'd-0']],
        [{ action: 'block', mode: 'canary' }, ['d-2']],
        [{ mode: 'shadow', phase: 'response' }, []],
        [{ until: times[0] ?? 0 }, ['d-1', 'd-0']],
        [{ since: times[1] ?? 0, until: times[0] ?? 0 }, ['d-1']],
      ] as const
      let ran = 0
      for (const [query, ids] of rows) {
        expect((await store.decisions(query)).items.map(({ id }) => id)).toEqual(ids)
        ran += 1
      }
      expect(ran).toBe(6)
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
      const again = { ...closed, reason: 'A planned drill.', at: 6, revision: 3 }
      await store.putResolution(again)
      expect(await store.resolutions()).toEqual([again])
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

    test('keeps the versions of a policy, and goes on counting over a deletion', async () => {
      await store.putPolicy('p', 'one', 'ops', 1)
      await store.putPolicy('p', 'two', 'eve', 2, 1, 'promote')
      await store.deletePolicy('p')
      expect((await store.putPolicy('p', 'three', 'ops', 3, 0)).version).toBe(3)
      const versions = await store.policyVersions('p')
      expect(versions.map(({ version, source, change }) => [version, source, change])).toEqual([
        [3, 'three', 'put'],
        [2, 'two', 'promote'],
        [1, 'one', 'put'],
      ])
      for (let version = 4; version <= 120; version += 1)
        await store.putPolicy('p', `v${version}`, 'ops', version)
      const kept = await store.policyVersions('p')
      expect([kept.length, kept[0]?.version, kept.at(-1)?.version]).toEqual([100, 120, 21])
      expect(await store.policyVersions('none')).toEqual([])
    })

    test('keeps what a simulation said by its hash, and how far a policy is rolled out', async () => {
      const counts = { matched: 1, stopped: 1, attacks: 1, attacksStopped: 1, benign: 2, estimate: 0.5 }
      const one = { hash: 'h1', at: 5, by: 'ops', calls: 3, ...counts, benignStopped: 0, benignAmended: 0 }
      await store.putSimulation({ ...one, at: 1, calls: 1 })
      await store.putSimulation(one)
      expect(await store.simulation('h1')).toEqual(one)
      expect(await store.simulation('h2')).toBeUndefined()
      await store.putPolicy('p', 'v1', 'ops', 1)
      const rollout = { policy: 'p', stage: 'canary', percent: 5, since: 7, version: 1 } as const
      await store.putRollout({ ...rollout, percent: 1 })
      await store.putRollout(rollout)
      expect(await store.rollouts()).toEqual([rollout])
      await store.deletePolicy('p')
      expect(await store.rollouts()).toEqual([])
      await store.putRollout(rollout)
      await store.deleteRollout('p')
      expect(await store.rollouts()).toEqual([])
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

    test('keeps directions in the order they were given, and takes them back', async () => {
      const override = aPin(0, { id: 'GET h/users/{id}', kind: 'override', body: '{"owner":"payments"}' })
      await store.putDirection(aPin(2))
      await store.putDirection(override)
      await store.putDirection(aPin(1))
      await store.putDirection({ ...override, body: '{"owner":"identity"}', by: 'session:ada' })
      expect(await store.directions()).toEqual([
        { ...override, body: '{"owner":"identity"}', by: 'session:ada' },
        aPin(1),
        aPin(2),
      ])
      expect(await store.deleteDirection('p-1')).toBe(true)
      expect(await store.deleteDirection('p-1')).toBe(false)
      expect((await store.directions()).map(({ id }) => id)).toEqual([override.id, 'p-2'])
    })

    test('follows a finding from its first sight to its end and back', async () => {
      const one = async (now: number): Promise<StoredFinding | undefined> =>
        (await store.catalogFindings({ now, ids: [aFinding(1).id] })).items[0]
      await store.putCatalogFindings({ found: [aFinding(1), aFinding(2)], at: 1_000.5 })
      await store.putCatalogFindings({ found: [aFinding(1, { title: 'Worse now' })], at: 2_000 })
      const open = { finding: aFinding(1, { title: 'Worse now' }), firstSeen: 1_000, lastSeen: 2_000 }
      expect(await one(2_000)).toEqual({ ...open, status: 'open' })
      await store.putCatalogFindings({ found: [], gone: [aFinding(1).id, 'f-none'], at: 3_000 })
      expect(await one(3_000)).toEqual({ ...open, status: 'gone' })
      const { id, endpoint } = aFinding(2)
      expect(await store.standingFindings()).toEqual([{ id, endpoint }])
      await store.putCatalogFindings({ found: [aFinding(1)], at: 4_000 })
      expect(await one(4_000)).toEqual({
        finding: aFinding(1),
        firstSeen: 1_000,
        lastSeen: 4_000,
        status: 'open',
      })
      expect((await store.standingFindings()).map(one => one.id)).toEqual([aFinding(1).id, id])
    })

    test('a dismissal holds until its time, through an end and a return, or until it is taken back', async () => {
      await store.putCatalogFindings({ found: [aFinding(1)], at: 1_000 })
      const { id } = aFinding(1)
      const word = { by: 'token:ops', at: 2_000, reason: 'Known and harmless.' }
      const statusAt = async (now: number): Promise<string | undefined> =>
        (await store.catalogFindings({ now })).items[0]?.status
      expect(await store.dismissFinding({ id: 'f-none', ...word })).toBeUndefined()
      expect(await store.dismissFinding({ id, ...word, until: 5_000 })).toEqual({
        finding: aFinding(1),
        firstSeen: 1_000,
        lastSeen: 1_000,
        status: 'dismissed',
        dismissed: { ...word, until: 5_000 },
      })
      expect(await statusAt(4_999)).toBe('dismissed')
      expect(await statusAt(5_000)).toBe('open')
      await store.dismissFinding({ id, ...word })
      await store.putCatalogFindings({ found: [], gone: [id], at: 6_000 })
      expect(await statusAt(6_000)).toBe('gone')
      await store.putCatalogFindings({ found: [aFinding(1)], at: 7_000 })
      expect(await statusAt(Number.MAX_SAFE_INTEGER)).toBe('dismissed')
      expect((await store.reopenFinding(id))?.status).toBe('open')
      expect(await statusAt(7_000)).toBe('open')
      expect(await store.reopenFinding('f-none')).toBeUndefined()
    })

    test('forgets what is gone for 90 days', async () => {
      await store.putCatalogFindings({ found: [aFinding(1), aFinding(2)], at: 0 })
      await store.putCatalogFindings({ found: [], gone: [aFinding(1).id], at: day })
      await store.putCatalogFindings({ found: [aFinding(2)], at: 91 * day })
      expect((await store.catalogFindings({ now: 0 })).items).toHaveLength(2)
      await store.putCatalogFindings({ found: [aFinding(2)], at: 91 * day + 1 })
      expect((await store.catalogFindings({ now: 0 })).items.map(({ finding }) => finding.id)).toEqual([
        aFinding(2).id,
      ])
    })

    test('lists findings most severe first, by every condition, in pages that together are the whole', async () => {
      await store.putCatalogFindings({ found: range(20).map(index => aFinding(index)), at: 1_000 })
      await store.dismissFinding({ id: aFinding(4).id, by: 'a', at: 1, reason: 'b' })
      await store.dismissFinding({ id: aFinding(9).id, by: 'a', at: 1, reason: 'b', until: 10 })
      await store.putCatalogFindings({ found: [], gone: [aFinding(14).id], at: 2_000 })
      const pages = await allPages(cursor => store.catalogFindings({ now: 5, limit: 3, ...cursor }))
      const numbers = pages.flat().map(({ finding }) => Number(finding.id.slice(2)))
      expect(numbers).toEqual([4, 9, 14, 19, 3, 8, 13, 18, 2, 7, 12, 17, 1, 6, 11, 16, 0, 5, 10, 15])
      const asked = async (query: Partial<Parameters<StateStore['catalogFindings']>[0]>): Promise<number[]> =>
        (await store.catalogFindings({ now: 5, ...query })).items.map(({ finding }) =>
          Number(finding.id.slice(2)),
        )
      const rows: [Partial<Parameters<StateStore['catalogFindings']>[0]>, number[]][] = [
        [{ severity: 'critical' }, [4, 9, 14, 19]],
        [{ severity: 'critical', status: ['open'] }, [19]],
        [{ severity: 'critical', status: ['open'], now: 10 }, [9, 19]],
        [{ status: ['dismissed', 'gone'] }, [4, 9, 14]],
        [{ status: [] }, []],
        [{ rule: 'type-drift', endpoint: 'GET api.shop.example/orders/{orderId}' }, [9, 3, 15]],
        [{ text: 'FINDING 1 of 100%_S' }, [1]],
        [{ text: 'of 100__sure' }, []],
        [{ text: 'orders', severity: 'info' }, [0, 15]],
        [{ ids: [aFinding(3).id, 'f-none'] }, [3]],
        [{ ids: [] }, []],
      ]
      for (const [query, found] of rows) expect([query, await asked(query)]).toEqual([query, found])
      expect(rows).toHaveLength(11)
      await expect(store.catalogFindings({ now: 0, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'usage/invalid-argument',
      })
    })

    const aSuppression = (index: number, change: Partial<Suppression> = {}): Suppression => ({
      ...{ id: `sup-${index}`, detector: 'scraping', actor: 'user:mallory', scope: 'actor-detector' },
      ...{ reason: 'test', note: 'Ünïcode', incident: 'i-1', attemptsOnly: false },
      ...{ at: 1_000 + index, by: 'token:ops', expiresAt: 5_000 + index },
      ...change,
    })

    test('keeps dismissals until they end or are taken back', async () => {
      await store.putSuppressions([aSuppression(1), aSuppression(2)])
      await store.putSuppressions([aSuppression(2, { note: 'Otherwise.' })])
      const ids = async (now: number, all = false): Promise<string[]> =>
        (await store.suppressions(now, { all })).map(({ id }) => id)
      expect(await store.suppressions(2_000)).toEqual([
        aSuppression(2, { note: 'Otherwise.' }),
        aSuppression(1),
      ])
      expect(await ids(5_001)).toEqual(['sup-2'])
      expect(await ids(9_000)).toEqual([])
      expect(await ids(9_000, true)).toEqual(['sup-2', 'sup-1'])
      expect(await store.removeSuppression('sup-1', 'token:a', 3_000)).toEqual({
        ...aSuppression(1),
        removedAt: 3_000,
        removedBy: 'token:a',
      })
      expect(await store.removeSuppression('sup-1', 'token:b', 3_001)).toBeUndefined()
      expect(await store.removeSuppression('sup-2', 'token:b', 6_000)).toBeUndefined()
      expect(await store.removeSuppression('sup-none', 'token:b', 1)).toBeUndefined()
      expect(await ids(3_000)).toEqual(['sup-2'])
      expect((await store.suppressions(3_000, { all: true }))[1]).toMatchObject({ removedBy: 'token:a' })
    })

    test('keeps the last word on each incident, and how detectors are set', async () => {
      const word: Feedback = {
        ...{ incident: 'i-1' as IncidentId, verdict: 'benign', at: 2_000, by: 'token:ops' },
        said: [{ detector: 'scraping', confidence: 0.75 }],
      }
      await store.putFeedback(word)
      await store.putFeedback({ ...word, incident: 'i-0' as IncidentId, at: 1_000 })
      await store.putFeedback({ ...word, verdict: 'attack', note: 'Seen.', at: 3_000 })
      expect(await store.feedback()).toEqual([
        { ...word, incident: 'i-0', at: 1_000 },
        { ...word, verdict: 'attack', note: 'Seen.', at: 3_000 },
      ])
      const setting = { detector: 'scraping', options: { records: 50 }, at: 1, by: 'token:ops' }
      await store.putDetectorSetting(setting)
      await store.putDetectorSetting({ ...setting, detector: 'brute-force', enabled: false, options: {} })
      await store.putDetectorSetting({ ...setting, options: { records: 60 } })
      expect(await store.detectorSettings()).toEqual([
        { ...setting, detector: 'brute-force', enabled: false, options: {} },
        { ...setting, options: { records: 60 } },
      ])
    })

    test('remembers when each user looked at a page', async () => {
      expect(await store.visit('token:a', 'incidents')).toBeUndefined()
      expect(await store.putVisit({ user: 'token:a', page: 'incidents', at: 5 })).toBeUndefined()
      expect(await store.putVisit({ user: 'token:a', page: 'incidents', at: 9 })).toBe(5)
      expect(await store.visit('token:a', 'incidents')).toBe(9)
      expect(await store.visit('token:b', 'incidents')).toBeUndefined()
    })

    test('counts signals by detector since a time', async () => {
      await store.putFindings({ signals: range(10).map(index => aSignal(index)), incidents: [] })
      const { time } = aSignal(7)
      expect([...(await store.signalCounts(time))]).toEqual([
        ['credential-stuffing', 2],
        ['object-walk', 1],
      ])
      expect([...(await store.signalCounts(time + 1_000_000))]).toEqual([])
    })

    test('keeps settings', async () => {
      expect(await store.getSetting('bypass')).toBeUndefined()
      await store.putSetting('bypass', 'on')
      await store.putSetting('bypass', 'off')
      expect(await store.getSetting('bypass')).toBe('off')
    })
  })
}
