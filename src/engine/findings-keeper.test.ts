import { describe, expect, it } from 'vitest'
import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import { CounterSet } from '../kit/counters.ts'
import type { IncidentId, SignalId } from '../kit/id.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { FindingsKeeper } from './findings-keeper.ts'

const signal = (id: string, message: string): Signal => ({ id: id as SignalId, message }) as Signal
const incident = (id: string): Incident => ({ id: id as IncidentId }) as Incident

type Put = Parameters<StateStore['putFindings']>[0]

function keeperOver(put: (findings: Put) => Promise<void>) {
  const log: string[] = []
  const counters = new CounterSet()
  const state = { putFindings: put } as StateStore
  return { keeper: new FindingsKeeper(state, counters, line => log.push(line)), log, counters }
}

describe('FindingsKeeper', () => {
  it('keeps what the store refused, in its newest version, and says so once', async () => {
    let full = true
    const stored: Put[] = []
    const { keeper, log, counters } = keeperOver(async findings => {
      if (full) throw new Error('disk full')
      stored.push(findings)
    })
    keeper.add([signal('a', 'old'), signal('b', 'only')], [], [])
    await keeper.flush()
    keeper.add([signal('a', 'new')], [], [])
    await keeper.flush()
    full = false
    await keeper.flush()
    expect(stored).toHaveLength(1)
    expect(stored[0]?.signals.map(({ message }) => message).sort()).toEqual(['new', 'only'])
    expect(log).toHaveLength(2)
    expect(counters.get('sallyport_state_errors_total')).toBe(2)
  })

  it('forgets an incident that became part of another before it was stored', async () => {
    const stored: Put[] = []
    const { keeper } = keeperOver(async findings => void stored.push(findings))
    keeper.add([], [incident('one'), incident('two')], [])
    keeper.add([], [], ['one' as IncidentId])
    await keeper.flush()
    expect(stored[0]).toMatchObject({ incidents: [{ id: 'two' }], folded: ['one'] })
  })
})
