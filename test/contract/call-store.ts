import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { ApiCall } from '../../src/call/api-call.ts'
import type { Workload } from '../../src/call/workload.ts'
import { callId, endpointId, principalId, tenantId } from '../../src/kit/id.ts'
import type { CallQuery, CallStore, StoredCall } from '../../src/store/ports/call-store.ts'

export interface CallStoreKit {
  readonly name: string
  /** A store without calls each time. */
  open(): Promise<CallStore>
  /** Why this driver cannot run here. */
  readonly skip?: string | undefined
  /** Random cases per law; drivers behind a process are slower. 25 when absent. */
  readonly runs?: number
}

export const noon = 1_800_014_400_000

export interface CallChange {
  readonly id?: string
  readonly time?: number
  readonly status?: number | undefined
  readonly target?: string
  readonly method?: string
  readonly host?: string
  readonly ip?: string | undefined
  readonly endpoint?: string
  readonly principal?: string
  readonly tenant?: string
  readonly detectors?: readonly string[]
  readonly from?: Workload
  readonly to?: Workload
}

export function aCall(index: number, change: CallChange = {}): StoredCall {
  const target = change.target ?? `/orders/${index}?note=%C3%BC`
  const { host = 'api.shop.example', method = 'GET' } = change
  const ip = 'ip' in change ? change.ip : '203.0.113.7'
  const status = 'status' in change ? change.status : 200
  const path = target.split('?')[0] ?? ''
  const call: ApiCall = {
    type: 'call',
    id: callId(change.id ?? `c-${String(index).padStart(6, '0')}`),
    time: change.time ?? noon + index * 10,
    durationMs: 12.5,
    source: {
      ...(ip === undefined ? {} : { ip }),
      ...(change.from === undefined ? {} : { workload: change.from }),
    },
    destination: { host, ...(change.to === undefined ? {} : { workload: change.to }) },
    request: {
      method,
      target,
      path,
      query: [...new URLSearchParams(target.slice(path.length + 1))],
      httpVersion: '1.1',
      headers: [
        ['user-agent', 'shop/1.0 "quoted" \\ back'],
        ['x-tab', 'a\tb'],
      ],
      content: { kind: 'empty' },
      bodySize: 0,
      bodyTruncated: false,
    },
    ...(status === undefined
      ? {}
      : {
          response: {
            status,
            headers: [['content-type', 'application/json']],
            content: {
              kind: 'json',
              value: { id: index, name: "O'Brien\n“ü” \u{1f600}", list: [1, null, true] },
            },
            bodySize: 64,
            bodyTruncated: false,
          },
        }),
    credentials: [],
  }
  return {
    call,
    endpoint: (change.endpoint ?? endpointId(method, host, '/orders/{orderId}')) as StoredCall['endpoint'],
    principal: (change.principal ?? principalId('user', 'alice')) as StoredCall['principal'],
    ...(change.tenant === undefined ? {} : { tenant: tenantId(change.tenant) }),
    detectors: change.detectors ?? [],
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const idsOf = (items: readonly StoredCall[]): string[] => items.map(({ call }) => call.id)

async function everyPage(store: CallStore, query: CallQuery): Promise<StoredCall[][]> {
  const pages: StoredCall[][] = []
  let cursor: string | undefined
  do {
    const page = await store.query(cursor === undefined ? query : { ...query, cursor })
    pages.push([...page.items])
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < 10_000)
  return pages
}

async function listed(calls: AsyncIterable<StoredCall>): Promise<StoredCall[]> {
  const found: StoredCall[] = []
  for await (const call of calls) found.push(call)
  return found
}

/** What every driver of the call store must do; each is run against all of it. */
export function callStoreContract(kit: CallStoreKit): void {
  const title = kit.skip === undefined ? kit.name : `${kit.name} (skipped: ${kit.skip})`
  describe.skipIf(kit.skip !== undefined)(`call store contract: ${title}`, () => {
    const opened: CallStore[] = []
    let store: CallStore
    let tokens = 0
    const token = (): string => {
      tokens += 1
      return `token:${tokens}`
    }
    const open = async (): Promise<CallStore> => {
      const fresh = await kit.open()
      opened.push(fresh)
      return fresh
    }
    beforeEach(async () => {
      store = await open()
    })
    afterAll(async () => {
      for (const each of opened) await each.close()
    })

    test('gives a call back exactly as it was appended', async () => {
      const calls = [
        aCall(1, { tenant: 'acme', detectors: ['object-walk', "it's"] }),
        aCall(2, { status: undefined, ip: undefined }),
        aCall(3, { target: "/search?q=' or 1=1 --&next=' or 1=1 --" }),
        aCall(4, { time: noon + 0.25 }),
      ]
      await store.append(calls, token())
      let compared = 0
      for (const call of calls) {
        expect(await store.get(call.call.id)).toEqual(call)
        compared += 1
      }
      expect(compared).toBe(4)
      expect(await store.get(callId('c-none'))).toBeUndefined()
      expect(await store.get(callId("' OR 1 = 1 --"))).toBeUndefined()
    })

    test('stores a batch once per token, whatever comes between', async () => {
      await store.append([aCall(1), aCall(2)], 'a')
      await store.append([aCall(3)], 'b')
      await store.append([aCall(1), aCall(2)], 'a')
      await store.append([aCall(1), aCall(2)], 'a')
      expect(idsOf((await store.query({})).items)).toEqual(['c-000003', 'c-000002', 'c-000001'])
      expect((await store.stats()).calls).toBe(3)
    })

    test('a token seen once is seen once also when its repetitions arrive together', async () => {
      await Promise.all(range(6).map(() => store.append([aCall(1), aCall(2)], 'same')))
      expect((await store.stats()).calls).toBe(2)
    })

    test('an empty batch is nothing', async () => {
      await store.append([], token())
      expect(await store.query({})).toEqual({ items: [] })
      expect((await store.stats()).calls).toBe(0)
    })

    test('pages are newest first and together everything, without repeats, at any size and with equal times and ids', async () => {
      let runs = 0
      const numRuns = kit.runs ?? 25
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ time: fc.integer({ min: 0, max: 4 }), id: fc.integer({ min: 0, max: 3 }) }), {
            maxLength: 24,
          }),
          fc.integer({ min: 1, max: 7 }),
          fc.integer({ min: 1, max: 5 }),
          async (calls, limit, batchSize) => {
            runs += 1
            const fresh = await open()
            const made = calls.map(({ time, id }, index) =>
              aCall(index, { time: noon + time, id: `c-${id}`, target: `/n/${index}` }),
            )
            for (let start = 0; start < made.length; start += batchSize) {
              await fresh.append(made.slice(start, start + batchSize), token())
            }
            const pages = await everyPage(fresh, { limit })
            const all = pages.flat()
            expect(all.map(({ call }) => call.request.path).sort()).toEqual(
              made.map(({ call }) => call.request.path).sort(),
            )
            expect(pages.every(page => page.length <= limit)).toBe(true)
            const keys = all.map(({ call }) => [call.time, call.id] as const)
            for (const [index, [time, id]] of keys.entries()) {
              const next = keys[index + 1]
              if (next !== undefined) expect(time > next[0] || (time === next[0] && id >= next[1])).toBe(true)
            }
            // Replay is the same order, the other way round.
            expect((await listed(fresh.replay(1_000))).map(({ call }) => call.request.path)).toEqual(
              all.map(({ call }) => call.request.path).reverse(),
            )
            await fresh.close()
          },
        ),
        { numRuns },
      )
      expect(runs).toBe(numRuns)
    })

    test('filters by every condition, alone and together', async () => {
      const calls = [
        aCall(0, { principal: 'user:mallory', status: 404, ip: '198.51.100.9', detectors: ['object-walk'] }),
        aCall(1, { method: 'POST', status: 201, host: 'pay.shop.example', tenant: 'acme' }),
        aCall(2, { status: 500, target: '/Search?q=%27Ü', endpoint: 'GET api.shop.example/search' }),
        aCall(3, { status: undefined, tenant: 'globex' }),
        aCall(4, { status: 403, principal: 'user:mallory', detectors: ['object-walk', 'scraping'] }),
        aCall(5, { ip: undefined }),
      ]
      await store.append(calls, token())
      const table: readonly (readonly [query: CallQuery, found: readonly number[]])[] = [
        [{}, [5, 4, 3, 2, 1, 0]],
        [{ since: noon + 20 }, [5, 4, 3, 2]],
        [{ until: noon + 20 }, [1, 0]],
        [{ since: noon + 10, until: noon + 40 }, [3, 2, 1]],
        [{ since: noon + 10.5 }, [5, 4, 3, 2]],
        [{ endpoint: 'GET api.shop.example/search' }, [2]],
        [{ principal: 'user:mallory' }, [4, 0]],
        [{ tenant: 'acme' }, [1]],
        [{ host: 'pay.shop.example' }, [1]],
        [{ method: 'POST' }, [1]],
        [{ status: '404' }, [0]],
        [{ status: '4xx' }, [4, 0]],
        [{ status: '5xx' }, [2]],
        [{ ip: '198.51.100.9' }, [0]],
        [{ detector: 'object-walk' }, [4, 0]],
        [{ detector: 'object' }, []],
        [{ text: 'ORDERS/1' }, [1]],
        [{ text: 'search?q=%27ü' }, [2]],
        [{ text: '%' }, [5, 4, 3, 2, 1, 0]],
        [{ text: '' }, [5, 4, 3, 2, 1, 0]],
        [{ text: "') OR 1=1 --" }, []],
        [{ text: 'orders\\' }, []],
        [{ principal: "x' OR '1'='1" }, []],
        [{ ids: ['c-000001', 'c-000004', 'c-none', "a'b\\"] }, [4, 1]],
        [{ ids: [] }, []],
        [{ not: { principal: ['user:mallory'] } }, [5, 3, 2, 1]],
        [{ not: { status: ['4xx', '500'] } }, [5, 3, 1]],
        [{ not: { tenant: ['acme', 'globex'] } }, [5, 4, 2, 0]],
        [{ not: { ip: ['203.0.113.7'], method: ['POST'] } }, [5, 0]],
        [{ not: { endpoint: ["it's"], host: [] } }, [5, 4, 3, 2, 1, 0]],
        [
          {
            principal: 'user:mallory',
            status: '403',
            detector: 'scraping',
            not: { host: ['pay.shop.example'] },
          },
          [4],
        ],
        [{ principal: 'user:mallory', status: '5xx' }, []],
      ]
      let checked = 0
      for (const [query, found] of table) {
        const { items } = await store.query(query)
        expect([query, idsOf(items)]).toEqual([query, found.map(index => `c-00000${index}`)])
        checked += 1
      }
      expect(checked).toBe(32)
    })

    test('finds a workload at either end, whatever part of its name is left out', async () => {
      await store.append(
        [
          aCall(0, { to: { cluster: 'prod', namespace: 'shop', name: 'orders' } }),
          aCall(1, { from: { namespace: 'shop', name: 'orders' }, to: { namespace: 'shop', name: 'stock' } }),
          aCall(2, { to: { cluster: 'test', namespace: 'shop', name: 'orders' } }),
          aCall(3, { to: { name: 'orders' } }),
          aCall(4, { to: { namespace: 'shop', name: 'big-orders' } }),
          aCall(5),
        ],
        token(),
      )
      const table: readonly (readonly [workload: string, found: readonly number[]])[] = [
        ['shop/orders', [2, 1, 0]],
        ['prod/shop/orders', [1, 0]],
        ['orders', [3, 2, 1, 0]],
        ['shop/stock', [1]],
        ["shop/it's", []],
        ['bank/orders', []],
      ]
      let checked = 0
      for (const [workload, found] of table) {
        const { items } = await store.query({ workload })
        expect([workload, idsOf(items)]).toEqual([workload, found.map(index => `c-00000${index}`)])
        checked += 1
      }
      expect(checked).toBe(6)
    })

    test('refuses what no driver can answer', async () => {
      const bad: readonly CallQuery[] = [
        { limit: 0 },
        { limit: 1_001 },
        { limit: 2.5 },
        { status: '40' },
        { status: '4XX' },
        { status: '404 or 1' },
        { not: { status: ['x'] } },
        { cursor: 'nonsense' },
        { cursor: Buffer.from('1:2').toString('base64url') },
        { since: Number.NaN },
        { ids: range(1_001).map(String) },
      ]
      let refused = 0
      for (const query of bad) {
        await expect(store.query(query), JSON.stringify(query)).rejects.toMatchObject({
          code: 'usage/invalid-argument',
        })
        refused += 1
      }
      expect(refused).toBe(11)
      await expect(store.histogram({}, 0)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    })

    test('a filtered list pages too', async () => {
      await store.append(
        range(30).map(index => aCall(index, index % 3 === 0 ? { principal: 'user:mallory' } : {})),
        token(),
      )
      const pages = await everyPage(store, { principal: 'user:mallory', limit: 4 })
      expect(pages.map(page => page.length)).toEqual([4, 4, 2])
      expect(idsOf(pages.flat())).toEqual(
        range(10).map(index => `c-${String(27 - index * 3).padStart(6, '0')}`),
      )
    })

    test('a page holds its place while newer calls arrive', async () => {
      await store.append(
        range(6).map(index => aCall(index)),
        token(),
      )
      const first = await store.query({ limit: 3 })
      await store.append([aCall(100), aCall(101)], token())
      const second = await store.query({ limit: 3, cursor: first.cursor ?? '' })
      expect(idsOf([...first.items, ...second.items])).toEqual(range(6).map(index => `c-00000${5 - index}`))
    })

    test('counts per bucket, refused and failed apart, empty ones left out', async () => {
      const statuses = [200, 404, 500, undefined, 429, 503]
      await store.append(
        statuses.map((status, index) =>
          aCall(index, { status, time: noon + (index < 4 ? index : 3_600_000 + index) }),
        ),
        token(),
      )
      expect(await store.histogram({}, 60_000)).toEqual([
        { time: noon, calls: 4, refused: 1, failed: 1 },
        { time: noon + 3_600_000, calls: 2, refused: 1, failed: 1 },
      ])
      expect(await store.histogram({ status: '4xx', until: noon + 60_000 }, 60_000)).toEqual([
        { time: noon, calls: 1, refused: 1, failed: 0 },
      ])
      expect(await store.histogram({ principal: 'user:none' }, 60_000)).toEqual([])
    })

    test('replays the newest calls, oldest first, also those that came late', async () => {
      await store.append(
        range(1_201).map(index => aCall(index + 1)),
        token(),
      )
      await store.append([aCall(0)], token())
      expect(idsOf(await listed(store.replay(3)))).toEqual(['c-001199', 'c-001200', 'c-001201'])
      const all = idsOf(await listed(store.replay(10_000)))
      expect(all).toHaveLength(1_202)
      expect(all.slice(0, 2)).toEqual(['c-000000', 'c-000001'])
      expect(all).toEqual([...all].sort())
      expect(await listed(store.replay(0))).toEqual([])
      const since = aCall(1_190).call.time
      expect(idsOf(await listed(store.replay(10_000, since)))).toEqual(all.slice(1_190))
      expect(idsOf(await listed(store.replay(3, since)))).toEqual(all.slice(-3))
      // A reader that stops early leaves nothing behind that would disturb the next.
      for await (const { call } of store.replay(1_000)) {
        expect(call.id).toBe('c-000202')
        break
      }
      expect((await store.stats()).calls).toBe(1_202)
    })

    test('forgets exactly what is older, over many days', async () => {
      const day = 86_400_000
      await store.append(
        range(8).map(index => aCall(index, { time: noon + index * (day / 2) })),
        token(),
      )
      await store.dropBefore(noon + 2 * day)
      expect(idsOf((await store.query({})).items)).toEqual(['c-000007', 'c-000006', 'c-000005', 'c-000004'])
      const stats = await store.stats()
      expect(stats).toMatchObject({ calls: 4, oldest: noon + 2 * day, newest: noon + 3.5 * day })
      await store.dropBefore(0)
      expect((await store.stats()).calls).toBe(4)
      await store.dropBefore(noon + 10 * day)
      expect(await store.query({})).toEqual({ items: [] })
      await store.append([aCall(9)], token())
      expect((await store.stats()).calls).toBe(1)
    })

    test('answers store/unavailable once closed', async () => {
      await store.close()
      await store.close()
      await expect(store.query({})).rejects.toMatchObject({ code: 'store/unavailable' })
      await expect(store.append([aCall(1)], token())).rejects.toMatchObject({ code: 'store/unavailable' })
    })
  })
}
