import { expect, it } from 'vitest'
import { readsWellEverywhere, settled, withBrowser } from './console-page.ts'
import { callsInMemory, rolloutAtOnce, withUpstream } from './protected-upstream.ts'

const openPage = withBrowser()
const specification = `openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders:
    get: { security: [{ token: [] }], responses: { "200": { description: ok } } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
`

const upstream = withUpstream(
  (request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end('{"ok":true}')
  },
  { ...callsInMemory, ...rolloutAtOnce },
)

const call = async (headers: Readonly<Record<string, string>> = {}): Promise<number> => {
  const answer = await fetch(`${upstream.gateway}/orders`, { headers })
  await answer.body?.cancel()
  return answer.status
}

it('goes from a finding to the policy that closes it, simulated, by the console alone', async () => {
  await upstream.rest('POST', '/specs', { name: 'shop.yaml', source: specification })
  for (let round = 0; round < 30; round += 1) {
    expect(await call()).toBe(200)
    expect(await call({ authorization: `Bearer key-of-a-customer-${round % 3}` })).toBe(200)
  }
  let id = ''
  await expect
    .poll(
      async () => {
        const { items } = await upstream.rest<{ items: { id: string; endpoint: string }[] }>(
          'GET',
          '/findings?rule=security-mismatch',
        )
        id = items.find(({ endpoint }) => endpoint.endsWith('/orders'))?.id ?? ''
        return id
      },
      { timeout: 60_000 },
    )
    .not.toBe('')

  const faults: string[] = []
  const page = await openPage(faults)
  await page.goto(upstream.link)
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'))
  await page.goto(`${upstream.url}/findings?finding=${id}`)
  const panel = page.getByRole('complementary', { name: 'Finding' })
  await panel.getByRole('link', { name: 'Write a policy from this' }).click()
  await page.waitForURL(/\/policies\/new\?finding=/)
  await page
    .getByRole('heading', { level: 1 })
    .getByText(/Of \d+ calls it would have acted on/)
    .waitFor()
  await page.getByRole('button', { name: 'Simulate' }).click()
  const simulation = page.locator('.simulation')
  // The calls themselves stand for benign ones, until somebody calls them an attack: they are told as what would break.
  await simulation
    .getByText(/30 benign calls/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'Back to the finding' }).click()
  await panel.getByText('How to mend it').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Create in shadow' }).click()
  await page.waitForURL(/\/policies\/token-guard-[^/]+\/$/)
  expect(await call()).toBe(200)

  const pages = [`/findings?finding=${id}`, `/policies/new?finding=${id}`]
  const opened = await readsWellEverywhere(page, upstream.url, pages, async () => {
    await settled(page)
    await page
      .getByText(/Write a policy from this|What would close it|Simulate/)
      .first()
      .waitFor()
  })
  expect(opened).toBe(8)
  expect(faults).toEqual([])
}, 240_000)
