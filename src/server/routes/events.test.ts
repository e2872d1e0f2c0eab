import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type Sample, sample } from '../../../test/support/sample-server.ts'
import type { EventView } from '../api/event.ts'

let running: Sample
beforeEach(async () => {
  running = await sample()
})
afterEach(async () => {
  await running.close()
})

const ask = async (query: string, status = 200): Promise<readonly EventView[]> => {
  const reply = await running.app.inject({ url: `/api/v1/events?${query}`, headers: bearer('viewer') })
  expect([query, reply.statusCode]).toEqual([query, status])
  return (reply.json() as { readonly items: readonly EventView[] }).items
}

describe('events that are no calls', () => {
  it('are told of a workload, newest first, in words', async () => {
    const items = await ask('workload=shop/billing')
    expect(items.map(({ id, what, source, rule }) => [id, what, source, rule])).toEqual([
      ['e-2', 'read postgresql://db/shop/invoices, 12 rows', undefined, undefined],
      ['e-1', 'ran /bin/sh', 'falco', 'Terminal shell in container'],
    ])
    expect((await ask('workload=shop/billing&type=runtime')).map(({ id }) => id)).toEqual(['e-1'])
    expect(await ask('workload=shop/billing&type=flow')).toEqual([])
    expect((await ask('workload=shop/billing&limit=1')).map(({ id }) => id)).toEqual(['e-2'])
  })

  it('are told by the ids that evidence names, with the incidents that rest on them', async () => {
    const { state } = running.backend
    const { items } = await state.incidents({ limit: 1 })
    const incident = { ...items[0]!, evidence: [...items[0]!.evidence, 'e-1' as never] }
    await state.putFindings({ signals: [], incidents: [incident] })
    const found = await ask('ids=c-0,e-1,gone')
    expect(found).toMatchObject([{ id: 'e-1', workload: 'shop/billing', incidents: [incident.id] }])
    expect(await ask('ids=e-2')).toMatchObject([{ incidents: [] }])
  })

  it('are asked for in one way, of a workload that is there', async () => {
    await ask('', 400)
    await ask('workload=shop/billing&ids=e-1', 400)
    await ask('workload=shop/nobody', 404)
    await ask('workload=shop/billing&type=call', 400)
  })
})
