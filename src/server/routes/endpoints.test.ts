import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type Sample, sample } from '../../../test/support/sample-server.ts'
import type { EndpointView, PageView } from '../api.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

const protocols = async (query: string): Promise<readonly string[]> => {
  const answer = await running.app.inject({ url: `/api/v1/endpoints${query}`, headers: bearer('viewer') })
  expect(answer.statusCode).toBe(200)
  return answer.json<PageView<EndpointView>>().items.map(({ protocol }) => protocol)
}

describe('the list of endpoints', () => {
  it('is filtered by protocol', async () => {
    const all = await protocols('')
    expect(all.length).toBeGreaterThan(0)
    expect(new Set(all)).toEqual(new Set(['rest']))
    expect(await protocols('?protocol=rest')).toEqual(all)
    expect(await protocols('?protocol=graphql,rest')).toEqual(all)
    expect(await protocols('?protocol=ai')).toEqual([])
  })
})
