import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { withBrowser } from './console-page.ts'
import { answerOrder, readForeignOrders, readOrder, readOwnOrders } from './order-api.ts'
import { callsInMemory, rolloutAtOnce, withUpstream } from './protected-upstream.ts'

const openPage = withBrowser()
const upstream = withUpstream(answerOrder, { ...callsInMemory, ...rolloutAtOnce })
const read = (user: string, id: number) => readOrder(upstream.gateway, user, id)

/** Presses a button that asks first, and what the dialog offers. */
async function confirm(page: Page, button: string | RegExp, answer: string, why?: string): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  const dialog = page.getByRole('dialog')
  if (why !== undefined) await dialog.getByLabel('Why it is done all the same').fill(why)
  await dialog.getByRole('button', { name: answer, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

it('goes from an incident over a simulation and a canary to a policy that stops it, and back, by the console alone', async () => {
  expect(new Set(await readOwnOrders(upstream.gateway, 4))).toEqual(new Set([200]))
  expect(await readForeignOrders(upstream.gateway)).toEqual([200, 200, 200, 200, 200])
  const { id: incident } = await upstream.incident(({ principals }) => principals.includes('user:user-9'))

  const faults: string[] = []
  const page = await openPage(faults)
  await page.goto(upstream.link)
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'))
  await page.goto(`${upstream.url}/incidents/${incident}`)
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

  await page.goto(`${upstream.url}/decisions?action=block&mode=enforce`)
  await page
    .getByRole('link', { name: /^Why at/ })
    .first()
    .click()
  const why = page.getByRole('complementary', { name: 'Why' })
  await why.getByText('user-9’s call was refused').waitFor()
  await why.getByText('object.foreign', { exact: true }).waitFor()
  expect(faults).toEqual([])
}, 180_000)
