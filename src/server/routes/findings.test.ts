import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, invoices, type Sample, sample, start } from '../../../test/support/sample-server.ts'
import type { Finding } from '../../catalog/finding.ts'
import type { EndpointDetailView } from '../api/endpoint.ts'
import type { FindingView } from '../api/finding.ts'
import type { PageView } from '../api/page.ts'

let running: Sample

const finding = (id: string, more: Partial<Finding> = {}): Finding => ({
  id,
  rule: 'type-drift',
  severity: 'medium',
  endpoint: invoices,
  title: `Drift ${id}`,
  why: 'Seen.',
  fix: 'Mend it.',
  owasp: ['API9:2023'],
  evidence: ['c-1'],
  ...more,
})

beforeEach(async () => {
  running = await sample()
  await running.backend.state.putCatalogFindings({
    found: [
      finding('a'),
      finding('b', { severity: 'high', rule: 'shadow' }),
      finding('c', { endpoint: 'GET h/x' }),
    ],
    at: start,
  })
  await running.backend.state.putCatalogFindings({ found: [], gone: ['c'], at: start + 1_000 })
})

afterEach(async () => {
  await running.close()
})

const get = (url: string) => running.app.inject({ url: `/api/v1${url}`, headers: bearer('viewer') })
const post = (url: string, payload: object, role: 'viewer' | 'analyst' = 'analyst') =>
  running.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: bearer(role), payload })

async function ids(query: string): Promise<readonly string[]> {
  const answer = await get(`/findings${query}`)
  expect([query, answer.statusCode]).toEqual([query, 200])
  return answer.json<PageView<FindingView>>().items.map(({ id }) => id)
}

describe('findings', () => {
  it('are listed most severe first, by every filter, page by page', async () => {
    const rows: readonly (readonly [query: string, ids: readonly string[]])[] = [
      ['', ['b', 'a', 'c', 'f-1']],
      ['?status=open', ['b', 'a', 'f-1']],
      ['?status=gone', ['c']],
      ['?status=dismissed,gone', ['c']],
      ['?severity=high', ['b']],
      ['?rule=type-drift', ['a', 'c', 'f-1']],
      [`?endpoint=${encodeURIComponent(invoices)}`, ['b', 'a', 'f-1']],
      ['?q=DRIFT%20A', ['a']],
      ['?limit=1', ['b']],
    ]
    for (const [query, found] of rows) expect([query, await ids(query)]).toEqual([query, found])
    expect(rows).toHaveLength(9)
    const { cursor } = (await get('/findings?limit=1')).json<PageView<FindingView>>()
    expect(await ids(`?limit=5&cursor=${cursor}`)).toEqual(['a', 'c', 'f-1'])
    for (const query of ['?status=lost', '?status=', '?cursor=nonsense', '?severity=dire'])
      expect([query, (await get(`/findings${query}`)).statusCode]).toEqual([query, 400])
  })

  it('are dismissed with a reason, for days or for good, and opened again', async () => {
    const dismissed = await post('/findings/a/dismiss', { reason: 'Known.', days: 2 })
    expect(dismissed.json<FindingView>()).toMatchObject({
      id: 'a',
      status: 'dismissed',
      firstSeen: '2026-11-22T10:00:00.000Z',
      lastSeen: '2026-11-22T10:00:00.000Z',
      dismissed: {
        by: 'token:analyst',
        at: '2026-11-22T10:01:00.000Z',
        reason: 'Known.',
        until: '2026-11-24T10:01:00.000Z',
      },
    })
    expect(await ids('?status=open')).toEqual(['b', 'f-1'])
    running.backend.clock.advance(2 * 86_400_000)
    expect(await ids('?status=open')).toEqual(['b', 'a', 'f-1'])
    await post('/findings/a/dismiss', { reason: 'Known for good.' })
    expect((await get('/findings/a')).json<FindingView>().dismissed).toEqual({
      by: 'token:analyst',
      at: '2026-11-24T10:01:00.000Z',
      reason: 'Known for good.',
    })
    const opened = await post('/findings/a/reopen', {})
    expect([opened.statusCode, opened.json<FindingView>().status]).toEqual([200, 'open'])
    const { items } = await running.backend.state.auditLog({})
    expect(items.map(({ action, target }) => `${action} ${target}`)).toEqual([
      'finding.reopen a',
      'finding.dismiss a',
      'finding.dismiss a',
    ])
  })

  it('that are not there, and words that say nothing, are refused', async () => {
    for (const [url, body, status] of [
      ['/findings/none/dismiss', { reason: 'x' }, 404],
      ['/findings/none/reopen', {}, 404],
      ['/findings/a/dismiss', {}, 400],
      ['/findings/a/dismiss', { reason: 'x', days: 0 }, 400],
      ['/findings/a/dismiss', { reason: 'x', days: 1.5 }, 400],
    ] as const)
      expect([url, body, (await post(url, body)).statusCode]).toEqual([url, body, status])
    expect((await get('/findings/none')).statusCode).toBe(404)
    expect((await post('/findings/a/dismiss', { reason: 'x' }, 'viewer')).statusCode).toBe(403)
  })

  it('stand with their endpoint, those that are gone left out', async () => {
    await post('/findings/a/dismiss', { reason: 'Known.' })
    const detail = (await get(`/endpoints/${encodeURIComponent(invoices)}`)).json<EndpointDetailView>()
    expect(detail.findings.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'b open',
      'a dismissed',
      'f-1 open',
    ])
    expect(detail.dataMap).toEqual([
      { side: 'response', field: 'card', dataClass: 'payment-card', group: 'pci', values: 16 },
    ])
  })
})
