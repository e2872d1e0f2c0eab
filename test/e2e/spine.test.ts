import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedShop } from '../../range/shop/seed.ts'
import { openBrowser } from './browser.ts'
import { ProtectedUpstream } from './protected-upstream.ts'
import { gatewayOf, type Started, signInLink, start } from './started.ts'

const root = resolve(import.meta.dirname, '../..')
/** Where the pictures go: into the tree only when they are to be renewed. */
const pictures = process.env.RENEW_PICTURES === '1' ? join(root, 'docs/images') : join(root, 'test/output')
const anyPort = { SALLYPORT_GATEWAY_PORT: '0', SALLYPORT_SERVER_PORT: '0' }

let browser: Browser
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
})

/** Signs in by the link, in a window of its own; fails the test on any error the page itself reports. */
async function signIn(link: string, faults: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  page.on('pageerror', error => faults.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error' && !message.text().includes('401')) faults.push(message.text())
  })
  await page.goto(link)
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'))
  return page
}

describe('the demo, as somebody who has never seen it plays it', () => {
  const faults: string[] = []
  let demo: Started
  let page: Page
  let gateway: string
  const users = seedShop(1).users

  beforeAll(async () => {
    demo = start(['demo', '--attack-after', '8'], anyPort)
    gateway = await gatewayOf(demo)
    page = await signIn(await signInLink(demo), faults)
  }, 120_000)
  afterAll(async () => {
    await demo?.stop()
  })

  async function tokenOf(username: string): Promise<string> {
    const user = users.find(one => one.username === username)
    const answer = await fetch(`${gateway}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'api.shop.example' },
      body: JSON.stringify({ username, password: user?.password }),
    })
    return ((await answer.json()) as { access_token?: string }).access_token ?? ''
  }
  const orders = (token: string): Promise<Response> =>
    fetch(`${gateway}/orders`, { headers: { authorization: `Bearer ${token}`, host: 'api.shop.example' } })

  it('refuses the sign-in link a second time', async () => {
    const [link] = /http:\S+sign-in\?code=\S+/.exec(demo.stdout()) as RegExpExecArray
    const other = await (await browser.newContext()).newPage()
    await other.goto(link)
    await other
      .getByText(/no longer valid|expired|already used|new link|token/i)
      .first()
      .waitFor()
    expect(new URL(other.url()).pathname).toContain('sign-in')
    await other.context().close()
  })

  it('lists the endpoints with templates and data classes', async () => {
    await page.getByRole('link', { name: 'APIs', exact: true }).click()
    await page.getByText('/orders/{orderId}/invoice').first().waitFor({ timeout: 60_000 })
    await page.getByText('payment card').first().waitFor({ timeout: 60_000 })
    await page.getByText('email').first().waitFor()
  })

  it('names the attacker, the objects and the evidence in an incident', async () => {
    await page.getByRole('link', { name: /^Incidents/ }).click()
    await page
      .getByText(/mallory.* read \d+ orders that belong to/)
      .first()
      .click({ timeout: 60_000 })
    await page.getByRole('heading', { name: /mallory/ }).waitFor()
    await page
      .getByRole('button', { name: /records? that shows? it/ })
      .first()
      .click()
    await page.getByText('GET /orders/1').first().waitFor()
    await page.getByText('What was taken').waitFor()
    await page.screenshot({ path: join(pictures, 'incident.png') })
  })

  it('stops the attacker from the page while others go on, and lets go again', async () => {
    const [mallory, other] = [
      await tokenOf('mallory'),
      await tokenOf(users.find(one => one.role === 'customer' && one.username !== 'mallory')?.username ?? ''),
    ]
    expect((await orders(mallory)).status).toBe(200)

    await page.getByRole('button', { name: /^Stop .*mallory/ }).click()
    await page.getByRole('button', { name: /^Stop for/ }).click()
    await page.getByText('Contained.').waitFor()
    const refused = await orders(mallory)
    expect(refused.status).toBe(403)
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(await refused.json()).toMatchObject({ status: 403, decisionId: expect.any(String) })
    expect((await orders(other)).status).toBe(200)

    await page.getByRole('button', { name: 'Undo' }).first().click()
    await page.getByText('Contained.').waitFor({ state: 'detached' })
    expect((await orders(mallory)).status).toBe(200)
  })

  it('opens every page without an error, in both themes and at phone width', async () => {
    const paths = [
      '/',
      '/apis',
      '/incidents',
      '/calls',
      '/principals',
      '/policies',
      '/quarantine',
      '/sensors',
      '/settings',
    ]
    let opened = 0
    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        await page.emulateMedia({ colorScheme: scheme })
        await page.setViewportSize({ width, height: 844 })
        for (const path of paths) {
          await page.goto(new URL(path, page.url()).href)
          await page.getByRole('heading', { level: 1 }).first().waitFor()
          const wide = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          expect(wide, `${path} at ${width}`).toBeLessThanOrEqual(0)
          opened += 1
        }
      }
    }
    expect(opened).toBe(36)
    expect(faults).toEqual([])
  }, 120_000)

  it('ends cleanly, with every process it started', async () => {
    expect(await demo.stop()).toBe(0)
  })
})

describe('an API of your own', () => {
  it('is protected by one command', async () => {
    const upstream = new ProtectedUpstream((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ path: request.url, email: 'ada@example.org' }))
    })
    const faults: string[] = []
    try {
      await upstream.open()
      for (let id = 0; id < 20; id += 1) {
        const answer = await fetch(`${upstream.gateway}/things/${id}`, {
          headers: { authorization: `Bearer opaque-${id % 4}` },
        })
        expect(answer.status).toBe(200)
        expect(await answer.json()).toMatchObject({ path: `/things/${id}` })
      }
      const page = await signIn(upstream.link, faults)
      await page.goto(`${upstream.url}/apis`)
      await page.getByText('/things/{thingId}').first().waitFor({ timeout: 15_000 })
      const listed = await upstream.did('apis', 'list', '--format', 'json')
      expect(listed.stdout).toContain('/things/{thingId}')
      const exported = await upstream.did('calls', 'export')
      expect(exported.stdout.trim().split('\n')).toHaveLength(20)
      expect(exported.stdout).not.toContain('opaque-1')
      expect(faults).toEqual([])
      await page.context().close()
    } finally {
      expect(await upstream.close()).toBe(0)
    }
  }, 60_000)
})
