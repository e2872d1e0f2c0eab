import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import { callId, endpointId, principalId } from '../kit/id.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import { CallWriter } from './call-writer.ts'

const stored = (id: string): StoredCall => ({
  call: { id: callId(id) } as unknown as ApiCall,
  endpoint: endpointId('GET', 'h', '/'),
  principal: principalId('user', 'a'),
  detectors: [],
})

function writerWith(append: (ids: string[], token: string) => Promise<void>, batchSize = 2, backlog = 4) {
  const counters = new CounterSet()
  const writer = new CallWriter(
    (batch, token) =>
      append(
        batch.map(one => one.call.id),
        token,
      ),
    { batchSize, backlog, instance: 'i' },
    counters,
  )
  return { writer, counters }
}

describe('CallWriter', () => {
  it('sends full batches in order and the rest on flush', async () => {
    const sent: [string[], string][] = []
    const { writer } = writerWith(async (ids, token) => void sent.push([ids, token]))
    for (const id of ['a', 'b', 'c']) writer.add(stored(id))
    await writer.flush()
    expect(sent).toEqual([
      [['a', 'b'], 'i:1'],
      [['c'], 'i:2'],
    ])
    expect(writer.waiting).toBe(0)
  })

  it('tries a refused batch again under the same token', async () => {
    let refuse = true
    const sent: string[] = []
    const { writer, counters } = writerWith(async (_, token) => {
      if (refuse) throw new Error('down')
      sent.push(token)
    })
    writer.add(stored('a'))
    await writer.flush()
    expect(writer.waiting).toBe(1)
    refuse = false
    await writer.flush()
    expect(sent).toEqual(['i:1'])
    expect(counters.get('sallyport_store_append_errors_total')).toBe(1)
  })

  it('says once that the store refuses, and once that it takes calls again', async () => {
    const said: (string | undefined)[] = []
    let refuse = true
    const writer = new CallWriter(
      async () => {
        if (refuse) throw new SallyportError('store/full', 'The disk is full.')
      },
      { batchSize: 2, backlog: 10, instance: 'i', onTrouble: trouble => said.push(trouble?.code) },
      new CounterSet(),
    )
    writer.add(stored('a'))
    await writer.flush()
    await writer.flush()
    refuse = false
    await writer.flush()
    writer.add(stored('b'))
    await writer.flush()
    expect(said).toEqual(['store/full', undefined])
  })

  it('drops the oldest batch beyond the backlog and counts it', async () => {
    const { writer, counters } = writerWith(async () => {
      throw new Error('down')
    })
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) writer.add(stored(id))
    await writer.flush()
    expect(writer.waiting).toBe(4)
    expect(counters.get('sallyport_ingest_dropped_total{reason="store_backlog"}')).toBe(2)
  })

  it('does not send a batch twice when flushes overlap', async () => {
    const sent: string[] = []
    const gate = Promise.withResolvers<void>()
    const { writer } = writerWith(async (_, token) => {
      await gate.promise
      sent.push(token)
    })
    writer.add(stored('a'))
    const flushes = [writer.flush(), writer.flush()]
    gate.resolve()
    await Promise.all(flushes)
    expect(sent).toEqual(['i:1'])
  })
})
