import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { settled, withBrowser } from './console-page.ts'
import { pageFaults } from './page-checks.ts'
import { editor, overPolicies } from './policy-console.ts'
import { emptyPolicies, policyData } from './policy-fixture.ts'

const openPage = withBrowser()

/** Opens a policy and types a line at its end. */
async function typed(page: Page, base: string, path: string): Promise<void> {
  await page.goto(base + path)
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+End')
  await page.keyboard.insertText('# my words\n')
  await page.locator('.editor button:enabled', { hasText: /^(Save|Create in shadow)$/ }).waitFor()
}

const myWords = (page: Page) => editor(page).locator('.cm-line', { hasText: '# my words' })

describe('what was typed', () => {
  it('outlives a session that ends: the sign-in says so and leads back to it', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await typed(page, base, '/policies/login-throttle/')
      const api = (url: URL): boolean => url.pathname.startsWith('/api/')
      await page.route(api, async route => {
        if (route.request().url().endsWith('/live')) return await route.abort()
        await route.fulfill({ status: 401, json: { title: 'Sign in first.', status: 401 } })
      })
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.waitForURL(/\/sign-in\?next=/)
      await page.getByText('Your session has ended, or its token was revoked.').waitFor()
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await page.getByRole('textbox', { name: 'Token' }).fill('another')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(/\/policies\/login-throttle\/$/)
      await page.getByText('What you had typed here and not saved is back.').waitFor()
      await myWords(page).waitFor()
      expect((await pageFaults(page)).faint).toEqual([])
      await page.getByRole('button', { name: 'Begin from the stored version instead' }).click()
      await myWords(page).waitFor({ state: 'detached' })
      await page.reload()
      await editor(page).waitFor()
      expect(await myWords(page).count()).toBe(0)
      expect(faults.filter(fault => !fault.includes('ERR_FAILED'))).toEqual([])
    })
  }, 60_000)

  it('outlives a save that fails, which can be tried again; once saved it is forgotten', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await typed(page, base, '/policies/login-throttle/')
      server.failing = true
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      const problem = page.getByRole('alert').filter({ hasText: 'Saving failed.' })
      await problem.getByText('Your text is still here').waitFor()
      await problem.getByText('Try again in a moment.').waitFor()
      await myWords(page).waitFor()
      server.failing = false
      await problem.getByRole('button', { name: 'Retry' }).click()
      await problem.waitFor({ state: 'detached' })
      // The note of the failure goes when the next try begins; this one goes when the answer has come.
      await page.getByText('Changed, not saved yet').waitFor({ state: 'detached' })
      expect(server.sent.filter(({ method }) => method === 'PUT').length).toBe(2)
      await page.reload()
      await myWords(page).waitFor()
      expect(await page.getByText('not saved is back').count()).toBe(0)
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('outlives the walk to another page, also of a policy that is new', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies/new`)
      await page.getByLabel('Begin with').selectOption('login-throttle')
      await page.waitForURL(/template=login-throttle/)
      await typed(page, base, '/policies/new?template=login-throttle')
      await page.getByLabel('Begin with').selectOption('owner-guard')
      await page.waitForURL(/template=owner-guard/)
      expect(await page.getByText('not saved is back').count()).toBe(0)
      await page.getByLabel('Begin with').selectOption('login-throttle')
      await page.getByText('not saved is back').waitFor()
      await myWords(page).waitFor()
      await page.getByRole('button', { name: 'Begin from the start instead' }).click()
      await myWords(page).waitFor({ state: 'detached' })
      expect(faults).toEqual([])
    })
  }, 60_000)
})

describe('what fails and what is empty', () => {
  it('name the way that is left, and the next step', async () => {
    await overPolicies(emptyPolicies(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies`)
      await page.route(
        url => url.pathname.endsWith('/bypass'),
        async route => await route.fulfill({ status: 500, json: { title: 'Broken.', status: 500 } }),
      )
      await page.getByRole('button', { name: 'Let everything pass…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Close' }).waitFor()
      await dialog.getByRole('button', { name: 'Let everything pass' }).click()
      await page.getByText('sallyport bypass on --local').first().waitFor()
      await page.getByRole('button', { name: 'Retry' }).first().waitFor()
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await page.goto(`${base}/decisions`)
      await page.getByRole('link', { name: /begin with a ready-made one/ }).waitFor()
      await page.goto(`${base}/quarantine`)
      await page.getByRole('link', { name: 'an incident' }).click()
      await page.waitForURL(/\/incidents$/)
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('keep their first line and the way back where the page itself cannot be loaded', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies/gone/`)
      const heading = page.getByRole('heading', { level: 1 })
      await heading.getByText('gone cannot be shown.').waitFor()
      await page.getByRole('alert').getByText('There is nothing at that address.').waitFor()
      server.failing = true
      await page.goto(`${base}/policies/new`)
      await page.getByRole('button', { name: 'Retry' }).waitFor()
      await heading.getByText('A new policy.').waitFor()
      await page.getByRole('main').getByRole('link', { name: 'Policies' }).click()
      await page.waitForURL(/\/policies$/)
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('a policy that waits for its simulation leads to it', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/rollout`)
      await settled(page)
      await page
        .getByRole('article', { name: 'login-throttle' })
        .getByRole('link', { name: 'Simulate it' })
        .click()
      await page.waitForURL(/#simulation$/)
      const place = page.getByRole('region', { name: 'Whom would it have touched?' })
      await expect
        .poll(async () => (await place.boundingBox())?.y ?? 9_999, { timeout: 20_000 })
        .toBeLessThan(800)
      expect(faults).toEqual([])
    })
  }, 60_000)
})
