import { describe, expect, it } from 'vitest'
import type { BacktestView } from '../../src/server/api/backtest.ts'
import type { DetectorView } from '../../src/server/api/detector.ts'
import type { IncidentView } from '../../src/server/api/incident.ts'
import type { SuppressionView } from '../../src/server/api/suppression.ts'
import type { WhyView } from '../../src/server/api/why.ts'
import { withUpstream } from './protected-upstream.ts'

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const mallory = `${base64({ alg: 'HS256' })}.${base64({ sub: 'mallory' })}.c2lnbmF0dXJl`

const upstream = withUpstream((_, answer) => {
  answer.writeHead(200, { 'content-type': 'application/json' })
  answer.end('{"items":[]}')
})
const ask = upstream.rest.bind(upstream)

const attack = async (path: string): Promise<void> => {
  const payload = encodeURIComponent("1' UNION SELECT username,password FROM users--")
  const answer = await fetch(`${upstream.gateway}${path}?q=${payload}`, {
    headers: { authorization: `Bearer ${mallory}`, host: 'api.shop.example' },
  })
  expect(answer.status).toBe(200)
  await answer.text()
}

const incidents = async () => (await ask<{ items: IncidentView[] }>('GET', '/incidents')).items
const suppressions = async () => (await ask<{ items: SuppressionView[] }>('GET', '/suppressions')).items

/** Asks until it is so; a test that waits in vain fails with what it saw last. */
async function until<Seen>(look: () => Promise<Seen>, good: (seen: Seen) => boolean): Promise<Seen> {
  let seen = await look()
  for (let round = 0; round < 100 && !good(seen); round += 1) {
    await new Promise(done => setTimeout(done, 100))
    seen = await look()
  }
  expect(good(seen), JSON.stringify(seen).slice(0, 2_000)).toBe(true)
  return seen
}

describe('a dismissal, through the real door', () => {
  let first: IncidentView
  let made: readonly SuppressionView[] = []

  it('closes the incident, and what was new is told as new', async () => {
    await ask('POST', '/visits', { page: 'incidents' })
    await attack('/products')
    ;[first] = (await until(incidents, found => found.length === 1)) as [IncidentView]
    expect(first).toMatchObject({
      status: 'open',
      changedSinceVisit: 'new',
      blastRadius: { endpoints: first.endpoints },
      changed: { revision: expect.any(Number) },
    })
    await ask('POST', '/visits', { page: 'incidents' })
    expect((await incidents())[0]?.changedSinceVisit).toBeUndefined()
    const dismissed = await ask<{ incident: IncidentView; suppressions: SuppressionView[] }>(
      'POST',
      `/incidents/${first.id}/dismiss`,
      { reason: 'test', note: 'By us.' },
    )
    made = dismissed.suppressions
    expect(dismissed.incident).toMatchObject({ status: 'closed', dismissal: { reason: 'test' } })
    expect(made).toMatchObject([{ detector: 'injection-payload', actor: 'user:mallory' }])
  })

  it('keeps the same attack quiet, and no other', async () => {
    await attack('/products')
    await until(suppressions, ([one]) => one !== undefined && one.hits >= 1)
    await attack('/reviews')
    const found = await until(incidents, now => now.length === 2)
    expect(found.filter(({ status }) => status === 'open').map(({ endpoints }) => endpoints)).toEqual([
      [expect.stringContaining('/reviews')],
    ])
  })

  it('says why of the call that was kept quiet', async () => {
    // Calls are written to their store a little later than they are judged.
    const calls = await until(
      () => ask<{ items: { id: string; target: string }[] }>('GET', '/calls?limit=10'),
      ({ items }) => items.length === 3,
    )
    const latest = calls.items.find(({ target }) => target.startsWith('/products'))
    const why = await ask<{ items: WhyView[] }>('GET', `/calls/${latest?.id}/why?detector=injection-payload`)
    expect(why.items).toMatchObject([{ state: 'suppressed', text: expect.stringContaining('(test)') }])
  })

  it('tells what people made of the detector, and tries another setting over the recorded calls', async () => {
    const view = await ask<DetectorView>('GET', '/detectors/injection-payload')
    expect(view).toMatchObject({ suppressions: 1, enabled: true, kind: 'deterministic' })
    expect(view.signals7d).toBeGreaterThanOrEqual(2)
    const test = await ask<BacktestView>('POST', '/detectors/injection-payload/test', {
      options: { confidence: 1.1 },
    })
    expect(test.calls).toBe(3)
    expect(test.before.signals).toBe(2)
    expect(test.after.signals).toBe(0)
    expect(test.vanished).toHaveLength(2)
  }, 60_000)

  it('outlives a restart', async () => {
    await upstream.restart()
    await attack('/products')
    await until(suppressions, ([one]) => one !== undefined && one.hits >= 2)
    expect(await incidents()).toHaveLength(2)
  }, 90_000)

  it('is taken back: the next such attack is an incident of its own', async () => {
    await ask('DELETE', `/suppressions/${made[0]?.id}`)
    expect(await suppressions()).toEqual([])
    await attack('/products')
    const found = await until(incidents, now =>
      now.some(
        ({ status, endpoints }) => status === 'open' && endpoints.some(one => one.includes('/products')),
      ),
    )
    expect(found.find(({ id }) => id === first.id)?.status).toBe('closed')
  })

  it('changes a detector while it runs', async () => {
    const path = '/detectors/injection-payload'
    expect(await ask<DetectorView>('PATCH', path, { enabled: false })).toMatchObject({ enabled: false })
    await attack('/carts')
    const { items } = await until(
      () => ask<{ items: { id: string; target: string }[] }>('GET', '/calls?text=carts'),
      calls => calls.items.length === 1,
    )
    const why = await ask<{ items: WhyView[] }>(
      'GET',
      `/calls/${items[0]?.id}/why?detector=injection-payload`,
    )
    expect(why.items).toMatchObject([{ state: 'off' }])
  })
})
