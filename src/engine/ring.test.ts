import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContextEvent } from '../call/event.ts'
import type { RawBody, RawExchange } from '../call/raw-exchange.ts'
import { createRing, RingReader, RingWriter } from './ring.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => new Uint8Array(array))
const body = bytes.map(content => ({
  bytes: content,
  size: content.length * 2,
  truncated: content.length % 2 === 1,
}))

const streamed = fc.tuple(body, fc.uint8Array({ maxLength: 64 })).map(([begun, tail]) => ({ ...begun, tail }))

/** Without halves of surrogate pairs: no sensor reads any from bytes. */
const text = fc.string({ unit: 'grapheme' })
const headers = fc.array(fc.tuple(text, text), { maxLength: 5 })
const more = fc.constantFrom<Partial<RawExchange>>(
  {},
  {
    durationMs: 12.5,
    trace: { traceId: 'a', spanId: 'b' },
    sensor: 'gateway',
    principal: { id: 'user:ä' },
    verdict: { decisionId: 'd', action: 'block', policy: 'p' },
    inspection: 'clean',
    extra: { gateway: { outcome: 'refused' } },
  },
  {
    messages: [{ sent: true, time: 1, size: 2, truncated: false, binary: false, text: 'hi' }],
    sealed: { credentials: [], request: { kind: 'text', text: 'é' } },
  },
)

const exchanges: fc.Arbitrary<RawExchange> = fc
  .record({
    headers,
    more,
    route: fc.option(text, { nil: undefined }),
    id: fc.string(),
    target: text,
    request: fc.option(body, { nil: undefined }),
    response: fc.option(
      fc.record({
        status: fc.integer({ min: 100, max: 599 }),
        headers,
        body: fc.option(fc.oneof(body, streamed), { nil: undefined }),
      }),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ id, target, headers, more, route, request, response }) => ({
    ...more,
    id,
    time: 1,
    source: { ip: '192.0.2.1' },
    destination: { host: 'api.example' },
    request: {
      method: 'GET',
      target,
      httpVersion: '1.1',
      headers,
      ...(route === undefined ? {} : { route }),
      ...(request === undefined ? {} : { body: request }),
    },
    ...(response === undefined
      ? {}
      : {
          response: {
            status: response.status,
            headers: response.headers,
            ...(response.body === undefined ? {} : { body: response.body }),
          },
        }),
  }))

/** With bodies as plain bytes, whatever class holds them. */
const plain = (read: RawExchange | ContextEvent): unknown => {
  if ('type' in read) return read
  const side = <Side extends { readonly body?: RawBody }>(one: Side): Side =>
    one.body === undefined ? one : { ...one, body: { ...one.body, bytes: new Uint8Array(one.body.bytes) } }
  return {
    ...read,
    request: side(read.request),
    ...(read.response === undefined ? {} : { response: side(read.response) }),
  }
}

describe('ring', () => {
  it('hands on every exchange it accepted, in order and unchanged, and counts the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(exchanges, fc.boolean()), { maxLength: 60 }), steps => {
        const memory = createRing(4096)
        const writer = new RingWriter(memory)
        const reader = new RingReader(memory)
        const accepted: RawExchange[] = []
        const read: (RawExchange | ContextEvent)[] = []
        let refused = 0
        for (const [exchange, drain] of steps) {
          if (writer.write(exchange)) accepted.push(exchange)
          else refused += 1
          if (!drain) continue
          for (let next = reader.read(); next !== undefined; next = reader.read()) read.push(next)
        }
        for (let next = reader.read(); next !== undefined; next = reader.read()) read.push(next)
        expect(read.map(plain)).toEqual(accepted)
        expect(reader.dropped).toBe(refused)
      }),
    )
  })

  it('survives the overflow of its counters', () => {
    const memory = createRing(4096)
    const state = new Int32Array(memory.state)
    const start = (0xffff_ffff - 1023) | 0
    state[0] = start
    state[1] = start
    const writer = new RingWriter(memory)
    const reader = new RingReader(memory)
    const exchange: RawExchange = {
      id: 'x',
      time: 0,
      source: {},
      destination: { host: 'h' },
      request: { method: 'GET', target: '/', httpVersion: '1.1', headers: [] },
    }
    for (let round = 0; round < 100; round += 1) {
      expect(writer.write({ ...exchange, id: `x${round}` })).toBe(true)
      expect(reader.read()?.id).toBe(`x${round}`)
    }
  })

  it('takes as many headers as there are, and what the guard found', () => {
    const memory = createRing(2 ** 18)
    const writer = new RingWriter(memory)
    const reader = new RingReader(memory)
    const headers = Array.from({ length: 900 }, (_, index) => [`x-${index % 7}`, `v${index}`] as const)
    const exchange: RawExchange = {
      id: 'wide',
      time: 0,
      source: {},
      destination: { host: 'h' },
      request: { method: 'GET', target: '/', httpVersion: '1.1', headers },
      response: { status: 200, headers },
    }
    expect(writer.write(exchange, 'clean')).toBe(true)
    expect(reader.read()).toEqual({ ...exchange, inspection: 'clean' })
    expect(writer.write({ ...exchange, inspection: 'clean' })).toBe(true)
    expect(reader.read()).toEqual({ ...exchange, inspection: 'clean' })
  })

  it('drops an exchange that could never fit, and goes on', () => {
    const memory = createRing(4096)
    const writer = new RingWriter(memory)
    const exchange: RawExchange = {
      id: 'big',
      time: 0,
      source: {},
      destination: { host: 'h' },
      request: {
        method: 'POST',
        target: '/',
        httpVersion: '1.1',
        headers: [],
        body: { bytes: new Uint8Array(8192), size: 8192, truncated: false },
      },
    }
    expect(writer.write(exchange)).toBe(false)
    expect(writer.dropped).toBe(1)
    const { body: _, ...small } = exchange.request
    expect(writer.write({ ...exchange, request: small })).toBe(true)
  })
})

it('hands on events between exchanges', () => {
  const memory = createRing(4096)
  const writer = new RingWriter(memory)
  const reader = new RingReader(memory)
  const flow = {
    type: 'flow' as const,
    id: 'f',
    time: 5,
    workload: { name: 'orders' },
    peer: { host: 'db' },
    direction: 'egress' as const,
    source: 'otlp',
  }
  const exchange: RawExchange = {
    id: 'e',
    time: 4,
    source: {},
    destination: { host: 'a' },
    request: { method: 'GET', target: '/', httpVersion: '1.1', headers: [] },
  }
  expect([writer.write(exchange), writer.writeEvent(flow)]).toEqual([true, true])
  expect([reader.read(), reader.read(), reader.read()]).toEqual([exchange, flow, undefined])
})
