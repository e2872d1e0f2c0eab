import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  bearer,
  invoices,
  orphan,
  type Sample,
  sample,
  storedCall,
} from '../../../test/support/sample-server.ts'
import { callId, endpointId } from '../../kit/id.ts'
import type { MaskedExampleView } from '../api/example.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

const ask = (id: string) =>
  running.app.inject({
    url: `/api/v1/endpoints/${encodeURIComponent(id)}/examples`,
    headers: bearer('viewer'),
  })

describe('examples of an endpoint', () => {
  it('are the newest call of each status, at most five', async () => {
    const answered = (index: number, status: number) => {
      const stored = storedCall(index)
      const response = { ...stored.call.response!, status }
      return { ...stored, call: { ...stored.call, id: callId(`s-${index}`), response } }
    }
    await running.backend.calls.append(
      [500, 503, 429, 400, 403, 409].map((status, index) => answered(100 + index, status)),
      'batch-2',
    )
    const { items } = (await ask(invoices)).json<{ items: MaskedExampleView[] }>()
    expect(items.map(({ call, status }) => `${call} ${status}`)).toEqual([
      's-105 409',
      's-104 403',
      's-103 400',
      's-102 429',
      's-101 503',
    ])
  })

  it('hold no value of a field that carries sensitive data', async () => {
    const card = '4012888888881881'
    const stored = storedCall(50)
    const value = { id: 50, card, note: `paid with ${card}` }
    const response = { ...stored.call.response!, content: { kind: 'json', value } as const }
    await running.backend.calls.append([{ ...stored, call: { ...stored.call, response } }], 'batch-2')
    const answer = await ask(invoices)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('"id":50')
    expect(answer.body).not.toContain(card)
    const [first] = answer.json<{ items: MaskedExampleView[] }>().items
    expect(first).toMatchObject({ call: 'c-50', time: '2026-11-22T10:00:50.000Z', path: '/invoices/50' })
    expect(first?.masked).toBeGreaterThan(0)
  })

  it('are found by their paths where they were kept under ids from before words were folded', async () => {
    const before = { ...storedCall(60), endpoint: endpointId('GET', 'api.shop.example', '/invoices/60') }
    const apart = { ...storedCall(61), endpoint: endpointId('GET', 'api.shop.example', '/invoices/61/lines') }
    const path = '/invoices/61/lines'
    const elsewhere = {
      ...apart,
      call: { ...apart.call, request: { ...apart.call.request, target: path, path } },
    }
    await running.backend.calls.append([before, elsewhere], 'batch-2')
    const { items } = (await ask(invoices)).json<{ items: MaskedExampleView[] }>()
    expect(items.map(({ call, status }) => `${call} ${status}`)).toEqual(['c-60 200', 'c-19 404'])
  })

  it('are none of what was never called, and refused of what is not there', async () => {
    expect((await ask(orphan.id)).json()).toEqual({ items: [] })
    expect((await ask('GET nowhere/')).statusCode).toBe(404)
  })
})
