import { beforeEach, describe, expect, it } from 'vitest'
import { endpointWith, leaf } from '../../test/support/sample-endpoint.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { CounterSet } from '../kit/counters.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { CatalogReplica } from './catalog-replica.ts'
import { ChangesKeeper } from './changes-keeper.ts'
import { LiveEvents } from './live-events.ts'

const endpoint = (id: string): Endpoint =>
  endpointWith({ id: leaf('string') }, { id: id as EndpointId, calls: 500 })
const facts = (id: string) => ({ endpoint: endpoint(id), callers: [] })
const nothing = { endpoints: [], gone: [], merged: [] }
type Renamed = readonly (readonly [from: EndpointId, to: EndpointId])[]
const renamed = (...pairs: readonly (readonly [string, string])[]): Renamed => pairs as unknown as Renamed

let replica: CatalogReplica
let counters: CounterSet
let changes: ChangesKeeper
let told: string[]
let moved: Renamed[]
let log: string[]
let refusing: boolean

beforeEach(() => {
  const live = new LiveEvents()
  counters = new CounterSet()
  log = []
  changes = new ChangesKeeper('/nowhere/changes.state', line => log.push(line))
  told = []
  moved = []
  refusing = false
  live.subscribe(event => event.type === 'endpoint' && told.push(event.endpoint.id))
  replica = new CatalogReplica({
    live,
    counters,
    changes,
    findings: { merged: pairs => moved.push(pairs as Renamed) },
    directions: {
      follow: async () => {
        if (refusing) throw new Error('disk full')
      },
    },
    log: line => log.push(line),
    specifiedAt: () => 77,
  })
})

const ids = (): string[] => [...replica.values()].map(({ id }) => id)

describe('the catalog as control knows it', () => {
  it('holds what it is told, and tells live of what is new', () => {
    replica.take({ ...nothing, endpoints: [facts('a'), facts('b')] })
    replica.take({ ...nothing, endpoints: [facts('b'), facts('c')], gone: ['a' as EndpointId] })
    expect(ids()).toEqual(['b', 'c'])
    expect([replica.size, replica.has('a'), replica.has('b')]).toEqual([2, false, true])
    expect(told).toEqual(['a', 'b', 'c'])
    expect(counters.get('sallyport_state_entries{kind="change"}')).toBe(changes.log.size)
    expect(changes.log.size).toBeGreaterThan(0)
  })

  it('finds an endpoint by every name it went by, and never goes in a circle', () => {
    const merged = renamed(['a', 'b'])
    replica.take({ ...nothing, endpoints: [facts('b')], gone: ['a' as EndpointId], merged })
    replica.take({
      endpoints: [facts('c')],
      gone: ['b' as EndpointId],
      merged: renamed(['b', 'c']),
    })
    expect(replica.find('a')?.endpoint.id).toBe('c')
    expect(replica.find('b')?.endpoint.id).toBe('c')
    expect(moved).toEqual([merged, renamed(['b', 'c'])])
    // What was one again is itself.
    replica.take({ ...nothing, endpoints: [facts('a')] })
    expect(replica.find('a')?.endpoint.id).toBe('a')
    replica.take({ ...nothing, merged: renamed(['x', 'y'], ['y', 'x']) })
    expect(replica.find('x')).toBeUndefined()
  })

  it('tells specified operations without a call until they are seen, with the time of their specification', () => {
    expect(replica.orphans()).toEqual([])
    replica.review({ orphans: [endpoint('a'), endpoint('b')] })
    replica.review({})
    expect(replica.orphans().map(({ id, firstSeen, lastSeen }) => [id, firstSeen, lastSeen])).toEqual([
      ['a', 77, 77],
      ['b', 77, 77],
    ])
    expect(replica.find('a')).toMatchObject({ endpoint: { id: 'a', firstSeen: 77 }, callers: [] })
    const caller = { principal: 'user:u' as PrincipalId, calls: 3, refused: 0, lastSeen: 9 }
    replica.take({ ...nothing, endpoints: [{ ...facts('a'), callers: [caller] }] })
    expect(replica.orphans().map(({ id }) => id)).toEqual(['b'])
    expect(replica.find('a')?.callers).toEqual([caller])
    expect([replica.callers('a'), replica.callers('b')]).toEqual([[caller], []])
  })

  it('counts and tells a label that could not follow its endpoint', async () => {
    refusing = true
    replica.take({ ...nothing, endpoints: [facts('b')], merged: renamed(['a', 'b']) })
    await Promise.resolve()
    await Promise.resolve()
    expect(counters.get('sallyport_state_errors_total')).toBe(1)
    expect(log).toEqual([expect.stringContaining('A label could not follow its endpoint')])
  })
})
