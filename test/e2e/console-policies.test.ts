import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { built, readsWellEverywhere, settled, withBrowser } from './console-page.ts'
import { pageFaults } from './page-checks.ts'
import { editor, overPolicies } from './policy-console.ts'
import { emptyPolicies, policyData } from './policy-fixture.ts'

const openPage = withBrowser()

/** What the editor shows. */
const textOf = async (page: Page): Promise<string> =>
  (await editor(page).locator('.cm-line').allTextContents()).join('\n')

/** Where the editor is drawn it has its own content; a text that is given replaces all of it. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).waitFor()
  await editor(page).press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

const pages = [
  '/policies',
  '/policies/new',
  '/policies/new?template=owner-guard',
  '/policies/owner-guard-orders/',
  '/rollout',
  '/decisions',
  '/decisions?decision=d-0',
  '/quarantine',
]

describe('the pages of policies', () => {
  it('open in both themes and widths, fit, read well, and name every control', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      const opened = await readsWellEverywhere(page, base, pages, async path => {
        await settled(page)
        if (path.includes('/policies/')) await editor(page).waitFor()
      })
      expect(opened).toBe(32)
      expect(faults).toEqual([])
    })
  }, 240_000)

  it('answer their question in the first line', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      const said = [
        [
          '/policies',
          '2 policies enforced, 1 in canary at 5 %, 2 only watching. In 24 hours policies and quarantine acted on 16 calls of 1 caller.',
        ],
        [
          '/policies/owner-guard-orders/',
          'owner-guard-orders is enforced: in the last 24 hours it acted on 212 calls of 2 callers.',
        ],
        [
          '/rollout',
          '1 policy went back to shadow by itself. 1 policy may go on now. 2 policies gather evidence.',
        ],
        [
          '/decisions',
          '24 decisions in the last 24 hours: 16 calls acted on, 8 calls only noted, of 2 callers.',
        ],
        ['/quarantine', '1 principal and 1 token are being stopped. The first ends in 10 minutes.'],
      ] as const
      for (const [path, text] of said) {
        await page.goto(base + path)
        await page.getByRole('heading', { level: 1 }).getByText(text).waitFor()
      }
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('say what to do next where there is nothing', async () => {
    await overPolicies(emptyPolicies(), async base => {
      const faults: string[] = []
      const page = await openPage(faults, 390)
      const said = [
        ['/policies', 'No policy is in place'],
        ['/policies', 'There are no policies.'],
        ['/policies', 'Owner guard'],
        ['/rollout', 'Begin with a ready-made one'],
        ['/decisions', 'No policy decided anything in the last 24 hours.'],
        ['/decisions?policy=none&range=all', 'No decision is like these.'],
        ['/quarantine', 'Nobody is being stopped right now.'],
      ] as const
      for (const [path, text] of said) {
        await page.goto(base + path)
        await page.getByText(text).first().waitFor()
        expect((await pageFaults(page)).overflow, path).toBe(0)
      }
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('say what failed and offer the retry, which works', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      for (const path of [
        '/policies',
        '/policies/owner-guard-orders/',
        '/rollout',
        '/decisions',
        '/quarantine',
      ]) {
        server.failing = true
        await page.goto(base + path)
        const note = page.getByRole('alert').first()
        await note.getByText('Something went wrong inside.').waitFor({ timeout: 15_000 })
        server.failing = false
        await note.getByRole('button', { name: 'Retry' }).click()
        await settled(page)
        expect(await page.locator('.page > *').count(), path).toBeGreaterThan(1)
      }
      expect(faults).toEqual([])
    })
  }, 90_000)

  it('tell on every page that the kill switch is on, and turn it on and off after asking', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies`)
      await page.getByRole('button', { name: 'Let everything pass' }).click()
      await page.getByRole('dialog').getByText('gets through again').waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Let everything pass' }).click()
      await page.getByText('The kill switch is on: every call passes and no policy').waitFor()
      for (const path of ['/rollout', '/incidents', '/apis', '/quarantine']) {
        await page.goto(base + path)
        await page.getByRole('link', { name: 'Turn it off' }).waitFor()
      }
      await page.getByRole('link', { name: 'Turn it off' }).click()
      await page.getByRole('button', { name: 'Protect again' }).click()
      await page.getByText('The kill switch is off').waitFor()
      expect(server.sent.filter(({ path }) => path === '/bypass').map(({ body }) => body)).toEqual([
        { on: true },
        { on: false },
      ])
      server.bypass = { ...server.bypass, policies: ['tenant-guard'] }
      await page.goto(`${base}/calls`)
      await page.getByText('tenant-guard is set aside by the kill switch and does not act.').waitFor()
      expect(faults).toEqual([])
    })
  }, 60_000)
})

describe('the editor', () => {
  it('comes only where a policy is written, and the list begins with less than 300 KB of JavaScript', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const loaded: string[] = []
      const page = await openPage(faults)
      page.on('request', request => {
        const { pathname } = new URL(request.url())
        if (pathname.endsWith('.js')) loaded.push(pathname)
      })
      const size = (): number =>
        loaded.reduce((sum, path) => sum + gzipSync(readFileSync(join(built, path))).length, 0)
      await page.goto(`${base}/policies`)
      await settled(page)
      const before = size()
      expect(before).toBeGreaterThan(50_000)
      expect(before).toBeLessThan(300_000)
      loaded.length = 0
      await page.goto(`${base}/policies/new`)
      await editor(page).waitFor()
      expect(size()).toBeGreaterThan(before)
      expect(size()).toBeLessThan(400_000)
      expect(faults).toEqual([])
    })
  }, 30_000)

  it('marks what is wrong at its place, with the nearest name, and goes there', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies/new?template=injection-guard`)
      await page
        .getByText(/tests? inside pass|Its test passes/)
        .first()
        .waitFor()
      const text = await textOf(page)
      await write(page, text.replaceAll('request.payload', 'request.paylod'))
      const problem = page.locator('.policy-problems li').first()
      await problem.getByText('Did you mean "request.payload"?').waitFor()
      expect(await problem.locator('.policy-caret').textContent()).toMatch(/request\.paylod.*\n {9,}\^$/)
      await page.locator('.cm-lintRange-error').first().waitFor()
      expect(await page.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true)
      await problem.getByRole('button', { name: /line \d+, column \d+/ }).click()
      expect(await page.evaluate('document.activeElement?.getAttribute("aria-label")')).toBe('Policy source')
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('offers facts, actions and endpoints, runs the tests inside, and lets the keyboard out', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults, 390)
      await page.goto(`${base}/policies/new`)
      await editor(page).focus()
      await page.keyboard.press('Control+Space')
      await page.getByRole('option', { name: /owner-guard/ }).click()
      await page.getByText('All 3 tests inside pass.').waitFor()
      await page.getByText('Nothing is wrong with it.').waitFor()
      const text = await textOf(page)
      await write(page, text.replace('expect: pass', 'expect: block'))
      await page.getByText('1 test of 3 inside fails.').waitFor()
      await page.getByText('→ pass, where block is expected').waitFor()
      const head = 'apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: mine }\nspec:\n'
      await write(page, `${head}  when: request.me`)
      await page.keyboard.press('Control+Space')
      await page.getByRole('option', { name: /request\.method/ }).click()
      await page.keyboard.insertText(' == "PUT"\n  action: { type: bl')
      await page.keyboard.press('Control+Space')
      await page.getByRole('option', { name: /block/ }).click()
      await page.keyboard.insertText(' }')
      await page
        .getByText('Nothing is wrong with it.')
        .or(page.locator('.policy-problems [data-severity=warning]'))
        .first()
        .waitFor()
      expect(await textOf(page)).toContain('action: { type: block }')
      expect((await pageFaults(page)).overflow).toBe(0)
      await page.keyboard.press('Escape')
      await page.keyboard.press('Tab')
      expect(
        await page.evaluate(
          'document.activeElement?.closest(".code-editor") === null ? "out" : document.activeElement.outerHTML.slice(0, 300)',
        ),
      ).toBe('out')
      await editor(page).focus()
      await page.keyboard.press('ControlOrMeta+s')
      await page.waitForURL(/\/policies\/mine\//)
      expect(server.sent.find(({ method }) => method === 'PUT')?.path).toBe('/policies/mine')
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('shows the benign calls a simulation would touch as the danger they are', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies/owner-guard-orders/`)
      await editor(page).waitFor()
      await page.getByText('Nothing is wrong with it.').waitFor()
      await page.getByRole('button', { name: 'Simulate' }).click()
      await page
        .getByText('2 benign calls of 1 caller would have been stopped: look at them before it acts.')
        .waitFor()
      const result = page.locator('.simulation')
      expect(await result.getAttribute('data-danger')).toBe('true')
      await result.getByText('it stops 212 of 215 calls and misses 3').waitFor()
      await result.getByText('in no incident').waitFor()
      await result.getByText('Attack calls it misses').waitFor()
      expect(await result.getByRole('link', { name: 'open' }).first().getAttribute('href')).toContain(
        '/calls?',
      )
      expect((await pageFaults(page)).faint).toEqual([])
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('tells versions apart and brings one back after asking', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/policies/owner-guard-orders/`)
      await page.getByText('1 line added, 1 removed').first().click()
      expect(await page.locator('.diff-line[data-kind=added]').first().textContent()).toContain(
        'mode: enforce',
      )
      await page.getByRole('button', { name: 'Bring back version 1…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Bring back version 1' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await expect
        .poll(() => server.sent.at(-1), { timeout: 10_000 })
        .toMatchObject({
          path: '/policies/owner-guard-orders/rollback',
          body: { version: 1 },
        })
      expect(faults).toEqual([])
    })
  }, 60_000)
})

describe('the rollout', () => {
  it('asks why before its time, and says what will happen', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/rollout`)
      const card = page.getByRole('article', { name: 'tenant-guard' })
      await card.getByText('12 minutes of at least 30 minutes').waitFor()
      await card.getByText('38 of 2\u202f410 calls stopped').waitFor()
      await card.getByRole('button', { name: 'To canary at 25 %…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('For 25 in 100 callers, always the same ones').waitFor()
      const go = dialog.getByRole('button', { name: 'Start the canary' })
      expect(await go.isDisabled()).toBe(true)
      await dialog.getByLabel('Why it is done all the same').fill('The attack is under way.')
      await go.click()
      await dialog.waitFor({ state: 'detached' })
      await expect
        .poll(() => server.sent.at(-1), { timeout: 10_000 })
        .toMatchObject({
          path: '/policies/tenant-guard/promote',
          body: { to: { mode: 'canary', percent: 25 }, override: 'The attack is under way.' },
        })
      await page.getByRole('article', { name: 'mask-cards' }).getByText('who were well before').waitFor()
      expect(faults).toEqual([])
    })
  }, 60_000)
})

describe('decisions and quarantine', () => {
  it('keep what is searched in the address, and say why', async () => {
    await overPolicies(policyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/decisions?mode=shadow`)
      await page.getByText('8 decisions like these in the last 24 hours').waitFor()
      await page.getByLabel('Stage').selectOption('')
      await page.getByLabel('Action').selectOption('block')
      await page.waitForURL(/action=block/)
      await page.getByText('16 decisions like these').waitFor()
      await page
        .getByRole('link', { name: /^Why at/ })
        .first()
        .click()
      const panel = page.getByRole('complementary', { name: 'Why' })
      await panel.getByText('object.foreign', { exact: true }).waitFor()
      await panel.getByText('mallory’s call was refused').waitFor()
      await panel.getByText('In shadow the call would have passed').waitFor()
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      expect(new URL(page.url()).search).toBe('?action=block')
      await page.getByRole('heading', { level: 1 }).click()
      for (const key of ['j', 'j', 'o']) await page.keyboard.press(key)
      await page.waitForURL(/decision=d-1$/)
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('say what an entry touches, lengthen it, and lift it after asking', async () => {
    await overPolicies(policyData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/quarantine`)
      await page.getByText('would have touched 41 calls in 24 hours').first().waitFor()
      await page.getByRole('link', { name: 'login-throttle' }).waitFor()
      await page.getByRole('button', { name: 'Extend…' }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('From now on for').selectOption('86400')
      await dialog.getByRole('button', { name: 'Keep out for 24 hours' }).click()
      await dialog.waitFor({ state: 'detached' })
      await expect
        .poll(() => server.sent.at(-1), { timeout: 10_000 })
        .toMatchObject({
          path: '/quarantine/q-1/extend',
          body: { ttlSeconds: 86_400 },
        })
      await page.getByRole('button', { name: 'Lift…' }).first().click()
      await dialog.getByRole('button', { name: 'Lift the quarantine' }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('1 principal is being stopped.').waitFor()
      expect(faults).toEqual([])
    })
  }, 60_000)
})
