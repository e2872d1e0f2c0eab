import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GraphDesk } from './graph-desk.ts'
import type { ToAnalysis } from './protocol.ts'

type Asked = Extract<ToAnalysis, { readonly type: 'ask' }>

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function desk(runs = true) {
  const asked: Asked[] = []
  return { asked, desk: new GraphDesk(message => runs && asked.push(message) > 0) }
}

const nodes = { items: [], more: false }

describe('questions to the graph', () => {
  it('get each its own answer, in whatever order they come', async () => {
    const { desk: one, asked } = desk()
    const first = one.ask('nodes', { limit: 1 })
    const second = one.ask('nodes', { limit: 2 })
    expect(asked.map(({ question }) => question)).toEqual([
      { kind: 'nodes', ask: { limit: 1 } },
      { kind: 'nodes', ask: { limit: 2 } },
    ])
    one.take({ type: 'answer', id: asked[1]!.id, answer: { ...nodes, more: true } })
    one.take({ type: 'answer', id: asked[0]!.id, answer: nodes })
    expect([await first, await second]).toEqual([nodes, { ...nodes, more: true }])
  })

  it('are refused as the graph says', async () => {
    const { desk: one, asked } = desk()
    const answer = one.ask('reach', { node: 'x' })
    const refusal = { code: 'resource/not-found' as const, message: 'No such node.', where: 'x' }
    one.take({ type: 'answer', id: asked[0]!.id, refusal })
    await expect(answer).rejects.toMatchObject(refusal)
  })

  it('are given up after five seconds; an answer that comes then is dropped', async () => {
    const { desk: one, asked } = desk()
    const answer = one.ask('nodes', { limit: 1 })
    const refused = expect(answer).rejects.toMatchObject({ code: 'server/busy', status: 503 })
    vi.advanceTimersByTime(5_000)
    await refused
    one.take({ type: 'answer', id: asked[0]!.id, answer: nodes })
  })

  it('are refused where too many wait, where analysis does not run, and when it ends', async () => {
    const { desk: one } = desk()
    const waiting = Array.from({ length: 64 }, () => one.ask('nodes', { limit: 1 }))
    await expect(one.ask('nodes', { limit: 1 })).rejects.toMatchObject({ code: 'server/busy' })
    const ended = Promise.allSettled(waiting)
    one.close()
    expect((await ended).map(({ status }) => status)).toEqual(waiting.map(() => 'rejected'))
    await expect(desk(false).desk.ask('nodes', { limit: 1 })).rejects.toMatchObject({ code: 'server/busy' })
    expect(vi.getTimerCount()).toBe(0)
  })
})
