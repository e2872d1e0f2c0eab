import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runHere } from '../../../test/support/command-line.ts'
import type { GraphPathView } from '../../server/api/graph.ts'
import type { ReachView } from '../../server/api/reach.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-graph-'))
afterAll(() => rmSync(folder, { recursive: true }))

const start = Date.parse('2026-11-20T10:00:00Z')
const orders = { namespace: 'shop', name: 'orders', serviceAccount: 'orders' }
const web = { namespace: 'shop', name: 'web' }

/** Callers from outside reach orders, which reads its table in the same traces; a day later web calls it. */
const file = join(folder, 'events.jsonl')
writeFileSync(
  file,
  [
    ...Array.from({ length: 12 }, (_, index) => ({
      id: `c-${index}`,
      time: start + index * 1_000,
      source: { ip: '203.0.113.7' },
      destination: { host: 'api.shop.example', workload: orders },
      request: {
        method: 'GET',
        target: `/orders/${index}`,
        headers: [['authorization', `Bearer opaque-token-of-caller-${index % 3}`]],
      },
      response: {
        status: 200,
        headers: [['content-type', 'application/json']],
        body: `{"id":${index},"email":"ann${index}@posteo.de"}`,
      },
      trace: { traceId: `trace-${index}` },
    })),
    ...Array.from({ length: 12 }, (_, index) => ({
      type: 'access',
      id: `a-${index}`,
      time: start + index * 1_000 + 10,
      workload: orders,
      store: { system: 'postgresql', host: 'db', namespace: 'shop', collection: 'orders' },
      operation: 'SELECT',
      rows: 1,
      trace: { traceId: `trace-${index}` },
    })),
    {
      id: 'later',
      time: start + 86_400_000,
      source: { workload: web },
      destination: { host: 'api.shop.example', workload: orders },
      request: { method: 'GET', target: '/orders/9' },
      response: { status: 200 },
    },
    {
      type: 'runtime',
      id: 'odd',
      time: start + 86_400_001,
      workload: { name: 'quote"\u001b[31m' },
      source: 'tetragon',
      action: 'network',
      object: 'evil.example:443',
    },
  ]
    .map(event => JSON.stringify(event))
    .join('\n'),
)

const run = (...line: string[]) => runHere(line)

const endpoint = 'endpoint:GET api.shop.example/orders/{orderId}'
const table = 'store:postgresql://db/shop/orders'

describe('graph, from files', () => {
  it('tells the ways from one to the other', async () => {
    const { code, out } = await run(
      'graph',
      'path',
      '--from',
      'internet',
      '--to',
      'store:*',
      file,
      '--format',
      'json',
    )
    expect(code).toBe(0)
    const paths = JSON.parse(out) as GraphPathView[]
    expect(paths.map(({ nodes, did }) => [nodes.map(({ id }) => id), did])).toEqual([
      [['internet', endpoint, table], true],
    ])
    const words = await run('graph', 'path', '--from', 'web', '--to', 'data:email', file)
    expect(words.out).toMatch(
      /^shop\/web calls GET api\.shop\.example\/orders\/\{orderId\}, which carries email data\. Every step was seen, the rarest once, last on 2026-11-\d\d\.\n/,
    )
    expect(words.out).toContain('KNOWN FROM')
  })

  it('goes back in time', async () => {
    const path = ['graph', 'path', '--from', 'workload:shop/web', '--to', 'workload:shop/orders', file]
    expect((await run(...path)).out).toContain('shop/web calls shop/orders')
    const before = await run(...path, '--as-of', '2026-11-20T12:00:00Z')
    expect([before.code, before.out]).toEqual([0, ''])
    expect(before.said).toBe('There is no way from workload:shop/web to workload:shop/orders.\n')
  })

  it('tells what a node and a token reach', async () => {
    const { out } = await run('graph', 'reach', 'workload:shop/orders', file, '--format', 'json')
    const reach = JSON.parse(out) as ReachView
    expect([reach.reached.store, reach.reached.identity, reach.data.map(one => one.dataClass)]).toEqual([
      1,
      1,
      ['email'],
    ])
    const said = await run('graph', 'reach', 'shop/web', file)
    expect(said.out).toMatch(
      /^workload:shop\/web did reach 1 identity, 1 workload, 1 endpoint, 1 store, 1 class of data;/,
    )
  })

  it('prints the whole of it, also as DOT that no name breaks', async () => {
    const { out } = await run('graph', 'export', file)
    const { nodes, edges } = JSON.parse(out) as { nodes: { id: string }[]; edges: { kind: string }[] }
    expect(nodes.map(({ id }) => id)).toEqual([...nodes.map(({ id }) => id)].sort())
    expect(new Set(edges.map(({ kind }) => kind))).toEqual(
      new Set(['calls', 'serves', 'reads', 'carries', 'runs-as']),
    )
    const dot = (await run('graph', 'export', '--format', 'dot', file)).out
    expect(dot).toContain('"workload:quote\\"\u{fffd}[31m" -> "host:evil.example"')
    expect(dot.split('\n').filter(line => line.includes('->'))).toHaveLength(edges.length)
  })

  const refusals: readonly (readonly [line: readonly string[], said: RegExp])[] = [
    [
      ['path', '--from', 'workload:none', '--to', 'internet', file],
      /Nothing in the graph is called "workload:none"/,
    ],
    [['path', '--from', 'worklaod:a', '--to', 'internet', file], /Did you mean "workload"/],
    [['path', '--from', 'internet', file], /required option '--to/],
    [['path', '--from', 'a', '--to', 'b', '--as-of', 'soon', file], /\(--as-of\)\s.*Give a span/],
    [['path', '--from', 'a', '--to', 'b', '--days', '65', file], /Give a whole number from 1 to 64/],
    [['reach'], /missing required argument 'node'/],
    [['reach', 'workload:*', file], /stands for 3 nodes/],
    [['reach', 'token:abc', file], /Nobody is known to have used that token/],
    [['unused', '--catalog', 'x.yaml'], /A running Sallyport has files of its own/],
  ]
  it.each(refusals)('refuses graph %j', async (line, said) => {
    const result = await run('graph', ...line)
    expect(result.said).toMatch(said)
    expect(result.code).toBe(2)
  })
  it('refused all of the table', () => expect(refusals).toHaveLength(9))

  it('says so where nothing is granted', async () => {
    expect(await run('graph', 'unused', file)).toEqual({
      code: 0,
      out: '',
      said: 'Every grant that is known was used, or none is known.\n',
    })
  })
})
