import { expect, test } from 'vitest'
import type { RawExchange } from '../call/raw-exchange.ts'
import { createRing, RingReader, RingWriter } from './ring.ts'
import { RingMerge } from './ring-merge.ts'

const start = Date.UTC(2026, 10, 22, 10)

const exchange = (id: string, time: number, durationMs = 0): RawExchange => ({
  id,
  time,
  durationMs,
  source: { ip: '198.51.100.7' },
  destination: { host: 'shop.example' },
  request: { method: 'GET', target: '/', httpVersion: '1.1', headers: [] },
  response: { status: 200, headers: [] },
})

function rings(count: number, now = Number.POSITIVE_INFINITY) {
  const memories = Array.from({ length: count }, () => createRing(65_536))
  const writers = memories.map(memory => new RingWriter(memory))
  const merge = new RingMerge(
    memories.map(memory => new RingReader(memory)),
    () => now,
  )
  const all = (): string[] => {
    const ids: string[] = []
    for (let seen = merge.read(); seen !== undefined; seen = merge.read()) ids.push(String(seen.id))
    return ids
  }
  return { writers, merge, all }
}

test('what loops handed on comes in the order in which it was over, not loop by loop', () => {
  const { writers, merge, all } = rings(3)
  for (let call = 0; call < 30; call += 1)
    writers[(call * 7) % 3]!.write(exchange(String(call), start + call * 10))
  expect(all()).toEqual(Array.from({ length: 30 }, (_, call) => String(call)))
  expect([merge.held, merge.read()]).toEqual([0, undefined])
})

test('one that took long comes when it was over', () => {
  const { writers, all } = rings(2)
  writers[1]!.write(exchange('short', start + 500, 10))
  writers[0]!.write(exchange('long', start, 1_000))
  writers[1]!.write(exchange('last', start + 900, 200))
  expect(all()).toEqual(['short', 'long', 'last'])
})

test('what was taken and not handed out is told, and comes before what is later', () => {
  const { writers, merge } = rings(2)
  writers[0]!.write(exchange('b', start + 2))
  writers[1]!.write(exchange('a', start + 1))
  expect([merge.read()?.id, merge.held]).toEqual(['a', 1])
  writers[1]!.write(exchange('c', start + 3))
  expect([merge.read()?.id, merge.read()?.id, merge.held]).toEqual(['b', 'c', 0])
})

test('what says that it lies in the future is not left behind', () => {
  const { writers, all } = rings(2, start + 5)
  writers[0]!.write(exchange('future', start + 1_000_000))
  for (let call = 0; call < 10; call += 1) writers[1]!.write(exchange(String(call), start + call))
  expect(all().indexOf('future')).toBeLessThanOrEqual(6)
})
