import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, invoices, type Sample, sample } from '../../../test/support/sample-server.ts'
import type { ChangeView } from '../api/change.ts'
import type { PageView } from '../api/page.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

const ask = (query: string) =>
  running.app.inject({ url: `/api/v1/changes${query}`, headers: bearer('viewer') })

async function page(query: string): Promise<PageView<ChangeView>> {
  const answer = await ask(query)
  expect([query, answer.statusCode]).toEqual([query, 200])
  return answer.json<PageView<ChangeView>>()
}

describe('the list of changes', () => {
  it('is newest first, and filtered', async () => {
    const rows: readonly (readonly [query: string, ids: readonly string[]])[] = [
      ['', ['ch-2', 'ch-1']],
      ['?since=2026-11-22T10:00:10Z', ['ch-2']],
      ['?until=2026-11-22T10:00:10Z', ['ch-1']],
      ['?kind=endpoint-new', ['ch-1']],
      ['?kind=endpoint-new,field-new', ['ch-2', 'ch-1']],
      ['?kind=endpoint-gone', []],
      [`?endpoint=${encodeURIComponent(invoices)}&limit=1`, ['ch-2']],
      ['?endpoint=GET%20elsewhere', []],
    ]
    let ran = 0
    for (const [query, ids] of rows) {
      expect([query, (await page(query)).items.map(({ id }) => id)]).toEqual([query, ids])
      ran += 1
    }
    expect(ran).toBe(8)
  })

  it('comes page by page, with times that people read', async () => {
    const first = await page('?limit=1')
    expect(first.items[0]).toMatchObject({ id: 'ch-2', time: '2026-11-22T10:00:10.000Z', field: 'card' })
    const second = await page(`?limit=1&cursor=${first.cursor}`)
    expect([second.items.map(({ id }) => id), second.cursor]).toEqual([['ch-1'], undefined])
  })

  it('refuses what it does not know', async () => {
    expect((await ask('?kind=endpoint-older')).statusCode).toBe(400)
    expect((await ask('?since=yesterday')).statusCode).toBe(400)
    expect((await running.app.inject({ url: '/api/v1/changes' })).statusCode).toBe(401)
  })
})
