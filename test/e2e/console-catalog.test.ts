import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type ConsoleData, emptyData, endpoints, graphqlId, invoiceId, shopData } from './console-fixture.ts'
import { built, readsWellEverywhere, withBrowser, withDemo } from './console-page.ts'
import { ConsoleServer } from './console-server.ts'
import { pageFaults } from './page-checks.ts'

const openPage = withBrowser()

/** A console over `data`, until `body` is done. */
async function over(
  data: ConsoleData,
  body: (base: string, server: ConsoleServer) => Promise<void>,
): Promise<void> {
  const server = new ConsoleServer(data, built)
  const base = await server.listen()
  try {
    await body(base, server)
  } finally {
    await server.close()
  }
}

const apiPath = (id: string): string => `/apis/${encodeURIComponent(id)}/`

it('finds what does not read well, where there is something', async () => {
  const page = await openPage([], 390)
  await page.setContent(
    '<p style="color:#999">faint</p><button></button><div style="width:500px">a long line</div><p>clear</p>',
  )
  const { faint, nameless, overflow, looked } = await pageFaults(page)
  expect(faint).toEqual([expect.stringContaining('faint 2.8')])
  expect(nameless).toHaveLength(1)
  expect(overflow).toBeGreaterThan(100)
  expect(looked).toBe(3)
})

describe('the pages of the catalog', () => {
  const lists = ['/apis', '/findings', '/apis/reviews', '/apis/specifications', '/apis/changes']
  const pages = [...lists, '/findings?finding=finding-9', apiPath(invoiceId), apiPath(graphqlId)]

  it('open in both themes and widths, fit, read well, and name every control', async () => {
    await over(shopData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      expect(await readsWellEverywhere(page, base, pages)).toBe(32)
      expect(faults).toEqual([])
    })
  }, 180_000)

  it('say what to do next where there is nothing', async () => {
    await over(emptyData(), async base => {
      const faults: string[] = []
      const page = await openPage(faults, 390)
      const said = [
        ['/apis', 'No endpoint has been seen yet.'],
        ['/findings', 'There is nothing to mend.'],
        ['/findings?q=nothing', 'No finding fits all of this.'],
        ['/apis/reviews', 'No words of any path are in doubt.'],
        ['/apis/specifications', 'No specification was given yet.'],
        ['/apis/changes', 'Nothing has changed since yesterday.'],
      ] as const
      for (const [path, text] of said) {
        await page.goto(base + path)
        await page.locator('.empty').getByText(text).waitFor()
        expect((await pageFaults(page)).overflow, path).toBe(0)
      }
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('say what failed and offer the retry, which works', async () => {
    await over(shopData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      for (const path of lists) {
        server.failing = true
        await page.goto(base + path)
        const note = page.getByRole('alert').first()
        await note.getByText('Something went wrong inside.').waitFor({ timeout: 15_000 })
        server.failing = false
        await note.getByRole('button', { name: 'Retry' }).click()
        await page.getByRole('alert').first().waitFor({ state: 'detached' })
      }
      expect(faults).toEqual([])
    })
  }, 90_000)
})

describe('a catalog of ten thousand endpoints', () => {
  /** Times each input from its event to the frame after the list has changed, inside the page. */
  const watch = `(() => {
    window.__took = []
    let began
    const start = event => { began ??= event.timeStamp }
    addEventListener('input', start, true)
    addEventListener('click', start, true)
    const list = document.querySelector('.apis-list [role=status]')
    new MutationObserver(() => {
      const from = began
      began = undefined
      if (from !== undefined) requestAnimationFrame(() => window.__took.push(performance.now() - from))
    }).observe(list, { characterData: true, childList: true, subtree: true })
  })()`
  const scroll = `new Promise(done => {
    const gaps = []
    let last = performance.now()
    const end = last + 2000
    const step = now => {
      gaps.push(now - last)
      last = now
      scrollBy(0, 300)
      if (now < end) requestAnimationFrame(step)
      else done({ frames: gaps.length, median: gaps.sort((a, b) => a - b)[gaps.length >> 1], rows: document.querySelectorAll('.api-slot').length, y: scrollY })
    }
    requestAnimationFrame(step)
  })`

  it('is searched, narrowed down and scrolled without lag', async () => {
    const data = { ...shopData(), endpoints: endpoints(10_000) }
    await over(data, async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/apis`)
      const status = page.locator('.apis-list [role=status]')
      await status.getByText('10\u202f000 endpoints').waitFor()
      await page.getByText('loading the rest').waitFor({ state: 'detached' })
      await page.evaluate(watch)
      const steps: readonly (readonly [(page: Page) => Promise<void>, RegExp])[] = [
        [async () => await page.keyboard.press('/'), /10.000 endpoints/],
        [async () => await page.keyboard.insertText('us'), /^2.244 endpoints of 10.000/],
        [async () => await page.keyboard.insertText('ers area-7'), /^\d+ endpoints of 10.000/],
        [
          async () => await page.getByRole('button', { name: /^zombie/ }).click(),
          /^\d+ endpoints? of 10.000/,
        ],
        [async () => await page.getByLabel('Search the APIs').fill(''), /^1.\d+ endpoints of 10.000/],
        [async () => await page.getByRole('button', { name: /^AI / }).click(), /^\d+ endpoints of 10.000/],
        [async () => await page.getByRole('button', { name: /^Clear 2/ }).click(), /^10.000 endpoints/],
      ]
      for (const [act, says] of steps) {
        await act(page)
        await status.filter({ hasText: says }).waitFor()
      }
      const took = ((await page.evaluate('window.__took')) as number[]).sort((a, b) => a - b)
      expect(took.length).toBeGreaterThanOrEqual(5)
      // Twice of what a machine of its own takes: the load of the last minute does not say how slow this one is now.
      expect(took[took.length >> 1], took.join()).toBeLessThanOrEqual(200)

      const moved = (await page.evaluate(scroll)) as {
        frames: number
        median: number
        rows: number
        y: number
      }
      expect(moved.rows).toBeLessThan(60)
      expect(moved.y).toBeGreaterThan(3_000)
      expect(moved.median).toBeLessThanOrEqual(34)
      if (process.env.PRINT_TIMES === '1')
        console.info({ took: took.map(Math.round), scroll: { ...moved, median: Math.round(moved.median) } })
      expect(faults).toEqual([])
    })
  }, 90_000)

  it('keeps what was chosen in the address', async () => {
    await over({ ...shopData(), endpoints: endpoints(500) }, async base => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/apis?owner=nobody&inventory=shadow&inventory=zombie&sort=calls&q=shop`)
      const before = await page.locator('.apis-list [role=status]').textContent()
      expect(await page.getByRole('button', { pressed: true }).count()).toBe(3)
      await page.getByLabel('Search the APIs').fill('shop users')
      await page.waitForURL(/q=shop\+users/)
      await page.getByRole('button', { name: /^nobody named/ }).click()
      await page.waitForURL(url => !url.searchParams.has('owner'))
      await page.getByLabel('Search the APIs').fill('shop')
      await page.getByRole('button', { name: /^nobody named/ }).click()
      await page.waitForURL(
        url => url.searchParams.get('owner') === 'nobody' && url.searchParams.get('q') === 'shop',
      )
      await page.reload()
      await page
        .locator('.apis-list [role=status]')
        .getByText(before ?? '', { exact: true })
        .waitFor()
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('moves no row that is being read when others come', async () => {
    await over({ ...shopData(), endpoints: endpoints(40) }, async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/apis`)
      const first = page.getByRole('list', { name: 'Endpoints' }).getByRole('listitem').first()
      const before = await first.textContent()
      const [some] = server.data.endpoints
      if (some === undefined) throw new Error('the fixture is empty')
      const riskiest = {
        ...some,
        id: 'GET new.example/top',
        template: '/top',
        risk: { score: 100, factors: [] },
        calls: 1e9,
      }
      server.data = { ...server.data, endpoints: [riskiest, ...server.data.endpoints] }
      const show = page.getByRole('button', { name: '1 new endpoint: show' })
      await show.waitFor({ timeout: 20_000 })
      expect(await first.textContent()).toBe(before)
      await show.click()
      await first.getByText('/top').waitFor()
      expect(faults).toEqual([])
    })
  }, 60_000)
})

describe('what people say', () => {
  it('is said of an endpoint in place, and taken back', async () => {
    await over(shopData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(base + apiPath(invoiceId))
      await page.getByText('rule payments in catalog.yaml').waitFor()
      await page.getByRole('button', { name: 'Change: Owner' }).click()
      await page.getByLabel('Owner', { exact: true }).fill('billing')
      await page.getByLabel('Reason').fill('moved in May')
      await page.keyboard.press('Enter')
      await page.getByText('a person said so: moved in May').waitFor()
      await page.getByRole('button', { name: 'Change: Owner' }).click()
      await page.getByRole('button', { name: 'Take back what was said' }).click()
      await page.getByText('nobody named').waitFor()
      await expect
        .poll(() => server.sent, { timeout: 10_000 })
        .toEqual([
          {
            method: 'PATCH',
            path: `/endpoints/${invoiceId}`,
            body: { owner: 'billing', reason: 'moved in May' },
          },
          { method: 'PATCH', path: `/endpoints/${invoiceId}`, body: { owner: null } },
        ])
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('merges words, keeps one apart, and undoes it', async () => {
    await over(shopData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/apis`)
      await page
        .getByRole('link', { name: /How paths were read.*2 want a look|How paths were read.*one wants/ })
        .click()
      const place = (text: string) => page.getByRole('listitem').filter({ hasText: text }).first()
      await place('These 5 words under /sync are kept apart.')
        .getByRole('button', { name: 'Merge into {sync}' })
        .click()
      await place('What stands under /sync is read as {sync}.')
        .getByText(/Decided by ada/)
        .waitFor()
      await place('What stands under /sync is read as {sync}.').getByRole('button', { name: 'Undo' }).click()
      const users = place('These 41 words under /users')
      await users.getByRole('button', { name: 'Keep apart…' }).click()
      await users.getByLabel('The word that is no value').selectOption('clara')
      await users.getByRole('button', { name: 'Keep it apart' }).click()
      await users.getByText('clara is kept apart.').waitFor()
      await page.getByRole('region', { name: 'Also decided' }).getByText('/health/').waitFor()
      await expect
        .poll(() => server.sent, { timeout: 10_000 })
        .toEqual([
          {
            method: 'POST',
            path: '/catalog/pins',
            body: { host: 'api.shop.example', template: '/sync/{sync}' },
          },
          { method: 'DELETE', path: '/catalog/pins/pin-3', body: undefined },
          {
            method: 'POST',
            path: '/catalog/pins',
            body: { host: 'api.shop.example', template: '/users/clara' },
          },
        ])
      expect(faults).toEqual([])
    })
  }, 60_000)

  it('lets a finding stay with a reason, found by the keyboard alone, and opens it again', async () => {
    await over(shopData(), async (base, server) => {
      const faults: string[] = []
      const page = await openPage(faults)
      await page.goto(`${base}/`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('f')
      await page.getByText('24 findings at 17 endpoints want mending: 4 critical and 5 high.').waitFor()
      for (const key of ['j', 'j', 'k', 'o']) await page.keyboard.press(key)
      const panel = page.getByRole('complementary', { name: 'Finding' })
      await panel.getByText('How to mend it').waitFor()
      const title = (await panel.getByRole('heading', { level: 3 }).textContent()) ?? ''
      await panel.getByLabel('Why it may stay').fill('agreed with the team')
      await panel.getByLabel('For how long').selectOption('30')
      await panel.getByRole('button', { name: 'Dismiss' }).click()
      await panel.getByText(/Dismissed by ada/).waitFor()
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      await page.getByRole('radiogroup', { name: 'Status' }).getByText('Dismissed').click()
      await page.getByRole('button', { name: new RegExp(title.slice(0, -1).replace(/[[\].]/g, '.')) }).click()
      await panel.getByRole('button', { name: 'Reopen' }).click()
      await expect.poll(() => server.sent.length, { timeout: 10_000 }).toBe(2)
      const id = server.sent[0]?.path.split('/')[2]
      await expect
        .poll(() => server.sent, { timeout: 10_000 })
        .toEqual([
          {
            method: 'POST',
            path: `/findings/${id}/dismiss`,
            body: { reason: 'agreed with the team', days: 30 },
          },
          { method: 'POST', path: `/findings/${id}/reopen`, body: {} },
        ])
      expect(faults).toEqual([])
    })
  }, 60_000)
})

describe('over a running system', () => {
  const faults: string[] = []
  const demo = withDemo(openPage, faults)

  it('hides how endpoints stand to specifications until there is one', async () => {
    await demo.page.goto(`${demo.origin}/apis`)
    await demo.page.getByText('/orders/{orderId}/invoice').first().waitFor({ timeout: 60_000 })
    expect(await demo.page.locator('.api-kind').count()).toBe(0)
  }, 90_000)

  it('takes a specification from a file, and tells what it says of the traffic', async () => {
    await demo.page.goto(`${demo.origin}/apis/specifications`)
    await demo.page
      .locator('input[type=file]')
      .setInputFiles(join(import.meta.dirname, '../fixtures/console/shop.yaml'))
    await demo.page.getByRole('button', { name: 'Upload' }).click()
    await demo.page.getByText('A piece of the shop 1.0.0 was taken: 3 operations.').waitFor()
    await demo.page.goto(`${demo.origin}/apis?inventory=orphan`)
    await demo.page.getByText('/parcels/{parcelId}').waitFor({ timeout: 30_000 })
    await demo.page.goto(`${demo.origin}/findings`)
    await demo.page
      .getByRole('list', { name: 'Findings' })
      .getByRole('listitem')
      .first()
      .waitFor({ timeout: 30_000 })
    await demo.page.getByRole('list', { name: 'Findings' }).getByRole('button').first().click()
    await demo.page.getByText('How to mend it').waitFor()
  }, 120_000)

  it('keeps what is said of an endpoint and of a path', async () => {
    const id = 'GET api.shop.example/orders/{orderId}/invoice'
    await demo.page.goto(demo.origin + apiPath(id))
    await demo.page.getByRole('button', { name: 'Change: Owner' }).click()
    await demo.page.getByLabel('Owner', { exact: true }).fill('billing')
    await demo.page.getByRole('button', { name: 'Save' }).click()
    await demo.page.getByText('billing').first().waitFor()
    await demo.page.reload()
    await demo.page.getByText('a person said so').waitFor()
    await demo.page
      .getByRole('region', { name: 'An example' })
      .getByText('authorization')
      .waitFor({ timeout: 30_000 })
    expect(await demo.page.getByText('@').count()).toBe(0)
    await demo.page.goto(`${demo.origin}/apis?owner=billing`)
    await demo.page.getByText('1 endpoint of', { exact: false }).waitFor({ timeout: 30_000 })
    for (const path of ['/apis/reviews', '/apis/changes', '/settings']) {
      await demo.page.goto(demo.origin + path)
      await demo.page.getByRole('heading', { level: 1 }).first().waitFor()
    }
    await demo.page.getByText(/said of GET api.shop.example.orders.*owner billing/).waitFor()
    expect(faults).toEqual([])
  }, 90_000)

  it('ends cleanly', async () => {
    expect(await demo.stop()).toBe(0)
  })
})
