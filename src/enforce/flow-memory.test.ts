import { describe, expect, test } from 'vitest'
import { createFlowBuffer, createRepeatableFlowBuffer, FlowMemory, flowHorizonMs } from './flow-memory.ts'

const start = Date.UTC(2026, 10, 22, 10)
const hour = flowHorizonMs

describe('FlowMemory', () => {
  test('knows what was done, and after an hour what was not', () => {
    const memory = new FlowMemory()
    memory.follow(['POST /cart'], start)
    memory.note('user:alice', 'POST', '/cart', true, start + 1000)
    memory.note('user:bob', 'GET', '/cart', true, start + 1000)
    expect(memory.secondsSince('user:alice', 'POST /cart', start + 31_000)).toBe(30)
    expect(memory.secondsSince('user:bob', 'POST /cart', start + 31_000)).toBeUndefined()
    expect(memory.unknown).toBe(1)
    expect(memory.secondsSince('user:bob', 'POST /cart', start + hour)).toBe(-1)
    expect(memory.secondsSince('user:alice', 'POST /cart', start + 1000 + hour + 1)).toBe(-1)
  })

  test('a token that was made since tells that there was nothing before', () => {
    const memory = new FlowMemory()
    memory.follow(['POST /cart'], start)
    expect(memory.secondsSince('user:bob', 'POST /cart', start + 9000, start + 5000)).toBe(-1)
    expect(memory.secondsSince('user:bob', 'POST /cart', start + 9000, start - 5000)).toBeUndefined()
  })

  test('an endpoint that is named later is followed from then on, the others go on', () => {
    const memory = new FlowMemory()
    memory.follow(['POST /cart'], start)
    memory.follow(['POST /cart', 'POST /login'], start + hour)
    expect(memory.secondsSince('user:bob', 'POST /cart', start + hour)).toBe(-1)
    expect(memory.secondsSince('user:bob', 'POST /login', start + hour)).toBeUndefined()
    expect(memory.secondsSince('user:bob', 'GET /never', start + 9 * hour)).toBeUndefined()
  })

  test('loops of a process share it', () => {
    const buffer = createFlowBuffer(64)
    const [one, other] = [new FlowMemory(buffer), new FlowMemory(buffer)]
    for (const memory of [one, other]) memory.follow(['* /cart/{id}'], start)
    one.note('user:alice', 'PUT', '/cart/{cartId}', true, start)
    expect(other.secondsSince('user:alice', '* /cart/{id}', start + 5000)).toBe(5)
  })

  test('what it forgot for room is unknown, not undone', () => {
    const memory = new FlowMemory(createFlowBuffer(8))
    memory.follow(['POST /cart'], start)
    const later = start + 2 * hour
    for (let caller = 0; caller < 9; caller += 1)
      memory.note(`user:${caller}`, 'POST', '/cart', true, later + caller * 1000)
    expect(memory.forgotten).toBe(1)
    const answers = Array.from({ length: 10 }, (_, caller) =>
      memory.secondsSince(`user:${caller}`, 'POST /cart', later + 10_000),
    )
    expect(answers.filter(answer => answer === -1)).toEqual([])
    expect(answers.filter(answer => answer === undefined)).toHaveLength(2)
    expect(memory.secondsSince('user:9', 'POST /cart', later + 10_000 + hour)).toBe(-1)
  })

  test('what is replayed comes to the same, and what is live is salted', () => {
    const bytes = (buffer: SharedArrayBuffer): Buffer => {
      const memory = new FlowMemory(buffer)
      memory.follow(['POST /cart'], start)
      memory.note('user:alice', 'POST', '/cart', true, start)
      return Buffer.from(buffer)
    }
    expect(bytes(createRepeatableFlowBuffer()).equals(bytes(createRepeatableFlowBuffer()))).toBe(true)
    expect(bytes(createFlowBuffer()).equals(bytes(createFlowBuffer()))).toBe(false)
  })
})
