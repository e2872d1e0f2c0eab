import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { openBrowser } from './browser.ts'
import { pageFaults } from './page-checks.ts'
import { type Started, signInLink, start } from './started.ts'

/** The built console. */
export const built = resolve(import.meta.dirname, '../../console/dist')

/** Opens a window of the width; any error that the page itself reports goes into `faults`. */
export type OpenPage = (faults: string[], width?: number) => Promise<Page>

/** A browser for the tests of this file; each page is a context of its own. */
export function withBrowser(): OpenPage {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })
  return async (faults, width = 1440) => {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    page.on('pageerror', error => faults.push(error.message))
    page.on('dialog', dialog => {
      faults.push(`a dialog said ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('console', message => {
      const text = message.text()
      if (message.type() === 'error' && !/status of (401|404|500)/.test(text)) faults.push(text)
    })
    return page
  }
}

/** Waits until a page has its heading and nothing on it is being fetched. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
}

/**
 * Opens each page light and dark, at 1440 and 390 pixels, and expects of each that it fits, that its text can be read and that its
 * controls have names. Returns how many were opened.
 */
export async function readsWellEverywhere(
  page: Page,
  base: string,
  paths: readonly string[],
  ready: (path: string) => Promise<void> = () => settled(page),
): Promise<number> {
  let opened = 0
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 })
      for (const path of paths) {
        await page.goto(base + path)
        await ready(path)
        const found = await pageFaults(page)
        const where = `${path} at ${width}, ${colorScheme}`
        expect(found.looked, where).toBeGreaterThan(20)
        expect({ ...found, looked: 0 }, where).toEqual({ looked: 0, faint: [], nameless: [], overflow: 0 })
        opened += 1
      }
    }
  }
  return opened
}

/** The sample shop, running, and a window signed in to its console: for the tests of one `describe`. */
export function withDemo(
  openPage: OpenPage,
  faults: string[],
): { readonly page: Page; readonly origin: string; stop(): Promise<number | null> } {
  let demo: Started | undefined
  let page: Page | undefined
  let origin = ''
  beforeAll(async () => {
    demo = start(['demo', '--attack-after', '600'], {
      SALLYPORT_GATEWAY_PORT: '0',
      SALLYPORT_SERVER_PORT: '0',
    })
    const link = await signInLink(demo)
    origin = new URL(link).origin
    page = await openPage(faults)
    await page.goto(link)
    await page.waitForURL(url => !url.pathname.startsWith('/sign-in'))
  }, 120_000)
  afterAll(async () => {
    await demo?.stop()
  })
  return {
    get page() {
      if (page === undefined) throw new Error('The demo is not up yet.')
      return page
    },
    get origin() {
      return origin
    },
    stop: async () => (await demo?.stop()) ?? null,
  }
}
