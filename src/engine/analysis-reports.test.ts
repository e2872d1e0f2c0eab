import { beforeEach, describe, expect, it } from 'vitest'
import { endpointWith } from '../../test/support/sample-endpoint.ts'
import { storedCall } from '../../test/support/sample-server.ts'
import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import { ManualClock } from '../kit/clock.ts'
import type { PrincipalId } from '../kit/id.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import { AnalysisReports } from './analysis-reports.ts'
import type { AnalysisReport } from './analysis-thread.ts'
import { CatalogReplica } from './catalog-replica.ts'
import { ChangesKeeper } from './changes-keeper.ts'
import { CounterReports } from './counter-reports.ts'
import { type LiveEvent, LiveEvents } from './live-events.ts'
import type { AnalysisSnapshot } from './snapshot.ts'
import type { PrincipalFacts } from './usage.ts'

let reports: AnalysisReports
let counters: CounterReports
let clock: ManualClock
let calls: MemoryCallStore
let log: string[]
let live: LiveEvent[]
/** What others were told, in order. */
let told: unknown[]
let judging: (errors: number) => Promise<void>

const empty = {
  type: 'report',
  signals: [],
  incidents: [],
  folded: [],
  principals: [],
  calls: [],
  observed: 0,
  counters: {},
  endpoints: [],
  gone: [],
  merged: [],
} as const satisfies AnalysisReport

const principal = (name: string, roles: readonly string[]): PrincipalFacts => ({
  id: `user:${name}` as PrincipalId,
  kind: 'user',
  roles,
  calls: 10,
  refused: 0,
  risk: 7,
  firstSeen: 1,
  lastSeen: 2,
  addresses: [],
  devices: 1,
  endpoints: [],
})

beforeEach(() => {
  const events = new LiveEvents()
  counters = new CounterReports([])
  clock = new ManualClock(10_000)
  calls = new MemoryCallStore({ capacity: 10 })
  log = []
  live = []
  told = []
  judging = async errors => void told.push(['judged', errors])
  events.subscribe(event => live.push(event))
  const say = (line: string): void => void log.push(line)
  reports = new AnalysisReports({
    clock,
    calls,
    counters,
    live: events,
    log: say,
    catalog: new CatalogReplica({
      live: events,
      counters: counters.own,
      log: say,
      changes: new ChangesKeeper('/nowhere/changes.state', say),
      findings: { merged: () => {} },
      directions: { follow: async () => {} },
      specifiedAt: () => 0,
    }),
    catalogFindings: {
      begun: relearned => told.push(['begun', relearned]),
      take: (found, at) => told.push(['found', found.length, at]),
    },
    findings: { add: (signals, incidents) => told.push(['findings', signals.length, incidents.length]) },
    knowledge: { touch: () => told.push('touched') },
    loops: { brief: snapshot => told.push(['briefed', snapshot.version]) },
    policies: { take: (_rollouts, errors) => judging(errors) },
  })
})

describe('what analysis reports', () => {
  it('begins with whether it learned again, and says from how many calls', () => {
    reports.take({ type: 'ready', warmedUp: 0, resumed: false })
    reports.take({ type: 'ready', warmedUp: 0, resumed: true })
    reports.take({ type: 'ready', warmedUp: 12, resumed: false })
    expect(told).toEqual([
      ['begun', false],
      ['begun', true],
      ['begun', true],
    ])
    expect(log).toEqual(['Learned again from 12 recorded calls.'])
  })

  it('goes to the loops, the store and the log', async () => {
    reports.take({ type: 'snapshot', snapshot: { version: 4 } as AnalysisSnapshot })
    expect(told).toEqual([['briefed', 4]])
    reports.take({ type: 'calls', batch: [storedCall(1)], token: 't' })
    expect((await calls.stats()).calls).toBe(1)
    reports.take({ type: 'store', trouble: 'no room' })
    expect(reports.storeTrouble).toBe('no room')
    reports.take({ type: 'store' })
    expect(reports.storeTrouble).toBeUndefined()
    expect(log).toEqual([
      'Calls cannot be stored and are held in memory: no room',
      'Calls are being stored again.',
    ])
  })

  it('is told live, kept and counted', () => {
    const signal = { id: 's' } as unknown as Signal
    const incident = { id: 'i' } as unknown as Incident
    const call = storedCall(1)
    const endpoint = endpointWith()
    reports.take({
      ...empty,
      signals: [signal],
      incidents: [incident],
      endpoints: [{ endpoint, callers: [] }],
      calls: [call],
      observed: 25,
      counters: { calls_total: 25 },
      findings: [],
      findingsAt: 99,
    })
    expect(live).toEqual([
      { type: 'endpoint', endpoint },
      { type: 'signal', signal },
      { type: 'incident', incident },
      { type: 'calls', items: [call] },
    ])
    expect(told).toEqual(['touched', ['found', 0, 99], ['findings', 1, 1]])
    expect(counters.of('analysis', 'calls_total')).toBe(25)
    expect(reports.traffic()).toEqual({ calls: 25, callsPerSecond: 5, principals: 0 })
    clock.advance(60_000)
    reports.take({ ...empty, observed: 5 })
    expect(reports.traffic()).toEqual({ calls: 30, callsPerSecond: 1, principals: 0 })
  })

  it('says who calls an endpoint in which roles, but those who were mostly refused and those one leaves out', () => {
    const endpoint = endpointWith()
    const caller = (name: string, refused: number) => ({
      principal: `user:${name}` as PrincipalId,
      calls: 10,
      refused,
      lastSeen: 5,
    })
    reports.take({
      ...empty,
      principals: [principal('a', ['clerk']), principal('b', ['admin']), principal('c', ['guest'])],
      endpoints: [
        { endpoint, callers: [caller('a', 4), caller('b', 0), caller('c', 5), caller('unknown', 0)] },
      ],
    })
    expect(reports.rolesAt(endpoint.id, new Set(['user:b']))).toEqual(['clerk'])
    expect(reports.rolesAt(endpoint.id, new Set())).toEqual(['clerk', 'admin'])
    expect(reports.rolesAt('GET nowhere/', new Set())).toEqual([])
    expect(reports.principals().map(({ id }) => id)).toEqual(['user:a', 'user:b', 'user:c'])
    expect(reports.principal('user:b')?.roles).toEqual(['admin'])
  })

  it('has policies judged with what went wrong while deciding; where that fails it is counted and told', async () => {
    counters.take('gateway-0', { sallyport_decision_errors_total: 2, sallyport_policy_faults_total: 3 })
    reports.take({ ...empty, rollouts: [] })
    expect(told).toContainEqual(['judged', 5])
    judging = () => Promise.reject(new Error('disk full'))
    reports.take({ ...empty, rollouts: [] })
    await Promise.resolve()
    expect(counters.own.get('sallyport_state_errors_total')).toBe(1)
    expect(log).toEqual([expect.stringContaining('Policies could not be judged')])
  })
})
