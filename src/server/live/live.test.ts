import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  bearer,
  incident,
  type Sample,
  SampleBackend,
  sample,
  storedCall,
} from '../../../test/support/sample-server.ts'
import type { Actor } from '../auth/actor.ts'
import type { LiveSink } from './live-client.ts'
import { LiveFeed } from './live-feed.ts'

const reader: Actor = { name: 'token:viewer', displayName: 'viewer', role: 'viewer', token: 't-viewer' }

/** A receiver that takes what it is given until told to be slow. */
class Receiver implements LiveSink {
  readonly written: string[] = []
  isSlow = false
  ended = false
  #drained: (() => void) | undefined

  write(text: string): boolean {
    this.written.push(text)
    return !this.isSlow
  }
  onDrain(listener: () => void): void {
    this.#drained = listener
  }
  end(): void {
    this.ended = true
  }
  drain(): void {
    this.isSlow = false
    this.#drained?.()
  }
  events(type: string): readonly unknown[] {
    return this.written
      .filter(text => text.startsWith(`event: ${type}\n`))
      .map(text => JSON.parse(text.split('\ndata: ')[1] ?? '') as unknown)
  }
}

const calls = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => storedCall(from + index))

describe('the live feed', () => {
  let backend: SampleBackend

  beforeEach(async () => {
    backend = await SampleBackend.open()
  })
  afterEach(async () => {
    await backend.state.close()
  })

  it('writes batches of at most 50 calls, in order, and the totals once a second', async () => {
    const feed = new LiveFeed(backend)
    const receiver = new Receiver()
    feed.add(reader, receiver)
    backend.emit({ type: 'calls', items: calls(120) })
    for (let tick = 0; tick < 5; tick += 1) await feed.tick()
    const batches = receiver.events('call') as { id: string }[][]
    expect(batches.map(batch => batch.length)).toEqual([50, 50, 20])
    expect(batches.flat().map(call => call.id)).toEqual(calls(120).map(({ call }) => call.id))
    expect(receiver.events('stats')).toHaveLength(2)
    expect(receiver.events('stats')[0]).toMatchObject({ openIncidents: 1, calls: 20 })
  })

  it('loses calls of a slow reader, counted, and never an incident', async () => {
    const feed = new LiveFeed(backend, { calls: 100 })
    const receiver = new Receiver()
    feed.add(reader, receiver)
    receiver.isSlow = true
    await feed.tick()
    const before = receiver.written.length
    backend.emit({ type: 'calls', items: calls(250) })
    for (let index = 0; index < 30; index += 1) {
      await feed.tellIncident({ ...incident, id: `i-${index}` as typeof incident.id })
    }
    for (let tick = 0; tick < 3; tick += 1) await feed.tick()
    expect(receiver.written).toHaveLength(before)
    receiver.drain()
    for (let tick = 0; tick < 3; tick += 1) await feed.tick()
    expect(receiver.events('incident')).toHaveLength(30)
    const told = (receiver.events('call') as { id: string }[][]).flat().map(call => call.id)
    expect(told).toEqual(calls(100, 150).map(({ call }) => call.id))
    expect(feed.counters()['sallyport_live_dropped_total{what="calls"}']).toBe(150)
  })

  it('cuts a reader off that is too slow even for incidents', async () => {
    const feed = new LiveFeed(backend, { items: 2 })
    const receiver = new Receiver()
    feed.add(reader, receiver)
    receiver.isSlow = true
    await feed.tick()
    for (let index = 0; index < 3; index += 1) {
      await feed.tellIncident({ ...incident, id: `i-${index}` as typeof incident.id })
    }
    expect(receiver.ended).toBe(true)
    expect(feed.counters().sallyport_live_clients).toBe(0)
    expect(feed.counters().sallyport_live_cut_off_total).toBe(1)
    expect(backend.listeners.size).toBe(0)
  })

  it('beats while nothing happens, and refuses one reader too many', async () => {
    const feed = new LiveFeed(backend, { clients: 1 })
    const receiver = new Receiver()
    feed.add(reader, receiver)
    expect(() => feed.add(reader, new Receiver())).toThrow('Too many')
    for (let tick = 0; tick < 60; tick += 1) await feed.tick()
    expect(receiver.written.filter(text => text.startsWith(':'))).toHaveLength(1)
  })

  it('ends with the session', async () => {
    const feed = new LiveFeed(backend)
    const receiver = new Receiver()
    const session = {
      hash: 'h',
      name: 'console',
      role: 'admin' as const,
      expiresAt: backend.clock.now() + 1_000,
    }
    feed.add({ ...reader, session }, receiver)
    await feed.tick()
    expect(receiver.ended).toBe(false)
    backend.clock.advance(1_000)
    await feed.tick()
    expect(receiver.ended).toBe(true)
  })
})

describe('the live feed over a socket', () => {
  let running: Sample
  beforeEach(async () => {
    running = await sample()
  })
  afterEach(async () => {
    await running.close()
  })

  const open = async (url: string): Promise<IncomingMessage> => {
    const [answer] = (await once(get(`${url}/api/v1/live`, { headers: bearer('viewer') }), 'response')) as [
      IncomingMessage,
    ]
    return answer
  }

  async function until(answer: IncomingMessage, wanted: string): Promise<string> {
    let text = ''
    answer.setEncoding('utf8')
    for await (const chunk of answer) {
      text += chunk
      if (text.includes(wanted)) return text
    }
    return text
  }

  it('tells what happens, under the headers of every answer', async () => {
    const { url } = await running.server.listen()
    const answer = await open(url)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    running.backend.emit({ type: 'calls', items: calls(2) })
    expect(await until(answer, 'event: call')).toContain('"id":"c-1"')
  })

  it('ends when its token is revoked', async () => {
    const { url } = await running.server.listen()
    const answer = await open(url)
    const ended = until(answer, 'never written')
    const { statusCode } = await running.app.inject({
      method: 'DELETE',
      url: '/api/v1/tokens/t-viewer',
      headers: bearer('admin'),
    })
    expect(statusCode).toBe(204)
    expect(await ended).toContain('retry:')
    expect(running.backend.listeners.size).toBe(0)
  })

  it('does not keep the server from closing, and the port is then free', async () => {
    const { url, port } = await running.server.listen()
    const second = await sample({ port })
    await expect(second.server.listen()).rejects.toMatchObject({
      code: 'listen/in-use',
      where: `127.0.0.1:${port}`,
    })
    await second.close()
    const answer = await open(url)
    const ended = until(answer, 'never written')
    await running.server.close()
    await ended
    const third = await sample({ port })
    expect((await third.server.listen()).port).toBe(port)
    await third.close()
  })
})
