import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withBrowser } from './console-page.ts'
import { type Started, start, temporaryFolder } from './started.ts'

const openPage = withBrowser()
const folder = temporaryFolder()
const token = 'a-token-of-the-test-that-is-long-enough'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function jwt(sub: string): string {
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

/** Answers with anybody's order, whoever asks. */
const upstream = createServer((request, response) => {
  request.resume()
  const id = Number(/^\/orders\/(\d+)$/.exec(request.url ?? '')?.[1])
  response.setHeader('content-type', 'application/json')
  response.statusCode = Number.isNaN(id) ? 404 : 200
  response.end(Number.isNaN(id) ? '{}' : JSON.stringify({ id, ownerId: `user-${id % 10}`, total: id * 3 }))
})

let up: Started
let gateway: string
let link: string
let origin: string

const read = async (user: string, id: number): Promise<number> => {
  const answer = await fetch(`${gateway}/orders/${id}`, { headers: { authorization: `Bearer ${jwt(user)}` } })
  await answer.body?.cancel()
  return answer.status
}

/** The incident that names a principal, as soon as there is one. */
async function incidentOf(principal: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const live = (await fetch(`${origin}/api/v1/live`, { headers })).body?.getReader()
  for (;;) {
    const answer = await fetch(`${origin}/api/v1/incidents`, { headers })
    const { items } = (await answer.json()) as { items: { id: string; principals: string[] }[] }
    const found = items.find(({ principals }) => principals.includes(principal))
    if (found !== undefined) {
      await live?.cancel()
      return found.id
    }
    if ((await live?.read())?.done === true) throw new Error('the live feed ended')
  }
}

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const { port } = upstream.address() as AddressInfo
  up = start(['up', '--upstream', `http://127.0.0.1:${port}`, '--data-dir', join(folder.path, 'data')], {
    SALLYPORT_CALLS_DRIVER: 'memory',
    SALLYPORT_GATEWAY_PORT: '0',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_TOKEN: token,
    SALLYPORT_ENFORCEMENT_ROLLOUT_SHADOW_MINUTES: '0',
    SALLYPORT_ENFORCEMENT_ROLLOUT_SHADOW_CALLS: '0',
    SALLYPORT_ENFORCEMENT_ROLLOUT_CANARY_MINUTES: '0',
  })
  gateway = (await up.printed(/Gateway:\s+(http:\S+)/))[1] as string
  link = (await up.printed(/(http:\S+\/sign-in\S*)/))[1] as string
  origin = new URL(link).origin
}, 120_000)

afterAll(async () => {
  expect(await up?.stop()).toBe(0)
  upstream.closeAllConnections()
  upstream.close()
  folder.remove()
})

/** Presses a button that asks first, and what the dialog offers. */
async function confirm(page: Page, button: string | RegExp, answer: string, why?: string): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  const dialog = page.getByRole('dialog')
  if (why !== undefined) await dialog.getByLabel('Why it is done all the same').fill(why)
  await dialog.getByRole('button', { name: answer, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

it('goes from an incident over a simulation and a canary to a policy that stops it, and back, by the console alone', async () => {
  for (let round = 0; round < 4; round += 1)
    for (let user = 0; user < 9; user += 1)
      expect(await read(`user-${user}`, round * 10 + user + 100)).toBe(200)
  for (const id of [101, 112, 123, 134, 145]) expect(await read('user-9', id)).toBe(200)
  const incident = await incidentOf('user:user-9')

  const faults: string[] = []
  const page = await openPage(faults)
  await page.goto(link)
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'))
  await page.goto(`${origin}/incidents/${incident}`)
  await page.getByRole('link', { name: 'Write a policy from this' }).click()
  await page
    .getByRole('heading', { level: 1 })
    .getByText(/Of \d+ calls it would have acted on/)
    .waitFor()
  await page.getByText('Nothing is wrong with it.').waitFor()
  const simulation = page.locator('.simulation')
  // The last calls are kept a moment after they are told.
  await expect
    .poll(
      async () => {
        await page.getByRole('button', { name: 'Simulate' }).click()
        return await simulation.textContent()
      },
      { timeout: 30_000 },
    )
    .toContain('it stops 5 of 5 calls')
  await simulation.getByText(/No benign call is touched, of \d+ benign calls\./).waitFor()
  await page.getByRole('button', { name: 'Create in shadow' }).click()
  await page.waitForURL(/\/policies\/owner-guard-[^/]+\/$/)
  await page.getByText('It may go on: canary at 1 % is next.').waitFor()
  expect(await read('user-9', 101)).toBe(200)

  await confirm(page, 'To canary at 1 %…', 'Start the canary')
  await page.getByText('It may go on: canary at 5 % is next.').waitFor()
  await confirm(page, 'Enforce…', 'Enforce', 'The attack is under way.')
  await page.getByText('It acts for everybody.').waitFor()
  expect(await read('user-9', 101)).toBe(403)
  expect(await read('user-1', 101)).toBe(200)

  await confirm(page, 'Undo the last change…', 'Undo')
  await page.getByText('It may go on: canary at 5 % is next.').waitFor()
  await confirm(page, 'Back to shadow…', 'Stop acting')
  await page.getByText('It may go on: canary at 1 % is next.').waitFor()
  expect(await read('user-9', 101)).toBe(200)

  await page.goto(`${origin}/decisions?action=block&mode=enforce`)
  await page
    .getByRole('link', { name: /^Why at/ })
    .first()
    .click()
  const why = page.getByRole('complementary', { name: 'Why' })
  await why.getByText('user-9’s call was refused').waitFor()
  await why.getByText('object.foreign', { exact: true }).waitFor()
  expect(faults).toEqual([])
}, 180_000)
