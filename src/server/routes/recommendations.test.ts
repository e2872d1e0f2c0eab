import { afterEach, beforeEach, expect, it } from 'vitest'
import { bearer, type Sample, sample } from '../../../test/support/sample-server.ts'
import type { Recommendation } from '../../posture/recommendation.ts'
import { recommendationView } from '../schemas/recommendation.ts'

let running: Sample
beforeEach(async () => {
  running = await sample()
})
afterEach(async () => {
  await running.close()
})

const get = (url: string) => running.app.inject({ url: `/api/v1${url}`, headers: bearer('viewer') })

it('policies are recommended for a workload, with what they cover', async () => {
  const { uses } = running.backend.graph
  for (let day = 1; day <= 5; day += 1)
    uses.add(
      {
        kind: 'connects',
        from: 'workload:shop/front',
        to: 'workload:shop/billing',
        port: 8080,
        protocol: 'http',
      },
      day * 86_400_000,
    )
  const reply = await get('/recommendations?node=workload:shop/billing&kind=networkpolicy&days=7')
  expect(reply.statusCode).toBe(200)
  const answer: Recommendation = reply.json()
  expect(recommendationView.safeParse(answer).success).toBe(true)
  expect([answer.coverage.seenDays, answer.coverage.share, answer.manifests.length]).toEqual([5, 1, 1])
  expect(answer.yaml).toContain('kind: NetworkPolicy')
})

it('a kind, a node or a number that cannot be is a problem', async () => {
  const rows = [
    ['/recommendations?node=workload:shop/billing&kind=other', 400],
    ['/recommendations?node=workload:shop/billing&kind=istio&days=40', 400],
    ['/recommendations?node=workload:shop/nobody&kind=istio', 404],
    ['/recommendations?kind=istio', 400],
  ] as const
  for (const [url, status] of rows) expect([url, (await get(url)).statusCode]).toEqual([url, status])
  expect(rows.length).toBe(4)
})
