import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RawExchange } from '../call/raw-exchange.ts'
import { CallSources } from './call-sources.ts'
import { createRing, RingReader, RingWriter } from './ring.ts'
import { RingMerge } from './ring-merge.ts'

const exchange = (id: string): RawExchange => ({
  id,
  time: Date.UTC(2026, 10, 22, 10),
  source: { ip: '198.51.100.7' },
  destination: { host: 'shop.example' },
  request: { method: 'GET', target: '/', httpVersion: '1.1', headers: [] },
})

function sourcesOf(count: number) {
  const memories = Array.from({ length: count }, () => createRing(2 ** 22))
  const writers = memories.map(memory => new RingWriter(memory))
  const sources = new CallSources(
    memories.map(memory => new RingMerge([new RingReader(memory)], () => Number.POSITIVE_INFINITY)),
  )
  return { writers, sources }
}

test('a span that comes while sources are read comes after its call, however much comes with it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }), arrivals => {
      const { writers, sources } = sourcesOf(2)
      const [gateway, spans] = writers as [RingWriter, RingWriter]
      let made = 0
      const arrive = (): void => {
        gateway.write(exchange(`call ${made}`))
        spans.write(exchange(`span ${made}`))
        made += 1
      }
      arrive()
      const seen: string[] = []
      let turn = 0
      const take = ({ id }: { readonly id?: unknown }): void => {
        seen.push(String(id))
        for (let more = arrivals[turn] ?? 0; more > 0; more -= 1) arrive()
        turn += 1
      }
      while (sources.turn(take)) {}
      expect(seen).toHaveLength(2 * made)
      for (let call = 0; call < made; call += 1)
        expect(seen.indexOf(`call ${call}`)).toBeLessThan(seen.indexOf(`span ${call}`))
    }),
  )
})

test('spans wait for a backlog of calls, though not for ever', () => {
  const { writers, sources } = sourcesOf(2)
  const [gateway, spans] = writers as [RingWriter, RingWriter]
  const turnsOf = (backlog: number): number => {
    for (let call = 0; call < backlog; call += 1) gateway.write(exchange(`call ${call}`))
    spans.write(exchange('span'))
    let turns = 0
    for (let told = false; !told; turns += 1)
      sources.turn(({ id }) => {
        told ||= id === 'span'
      })
    while (sources.turn(() => undefined)) {}
    return turns
  }
  expect(turnsOf(3 * 256)).toBe(4)
  expect(turnsOf(10)).toBe(1)
  // Longer than it is waited for: from then on both have their turns.
  expect(turnsOf(30 * 256)).toBe(17)
})

test('there is more where something came while it was read, and nothing where nothing did', () => {
  const { writers, sources } = sourcesOf(3)
  expect(sources.turn(() => undefined)).toBe(false)
  writers[2]!.write(exchange('a'))
  let written = false
  const seen: string[] = []
  const more = sources.turn(({ id }) => {
    seen.push(String(id))
    if (!written) writers[2]!.write(exchange('b'))
    written = true
  })
  expect([more, seen, sources.held]).toEqual([true, ['a'], 0])
  expect(sources.turn(({ id }) => void seen.push(String(id)))).toBe(false)
  expect(seen).toEqual(['a', 'b'])
})
