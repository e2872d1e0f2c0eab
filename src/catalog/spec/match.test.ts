import { describe, expect, it } from 'vitest'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { Catalog } from '../catalog.ts'
import { exampleCall } from './example-traffic.ts'
import { SpecIndex } from './match.ts'
import { parseSpecification } from './parse.ts'
import { compareVersions } from './spec-version.ts'
import type { Specification } from './specification.ts'

const spec = (paths: string, about = "title: a, version: '1'", servers = '[]'): Specification =>
  parseSpecification(`openapi: 3.1.0\ninfo: { ${about} }\nservers: ${servers}\npaths:\n${paths}`, 'a')
    .specification!
const get = (path: string, extra = ''): string =>
  `  ${path}: { get: { ${extra}responses: { '200': { description: a } } } }\n`

describe('which operation a path is', () => {
  const paths =
    get("'/a/{id}'") + get('/a/me') + get("'/a/{id}.json'") + get("'/a/{x}:{y}'") + get("'/a/{id}/b'")
  const index = new SpecIndex([
    spec(
      paths,
      undefined,
      '[{ url: "https://{tenant}.shop.example/v1", variables: { tenant: { default: x } } }]',
    ),
    spec(
      get('/c'),
      undefined,
      '[{ url: "https://api.shop.example:443/{stage}", variables: { stage: { default: one, enum: [one, two] } } }]',
    ),
    spec(get('/d'), undefined, '[{ url: /relative }]'),
  ])
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['t1.shop.example', '/v1/a/me', '/v1/a/me'],
    ['t1.shop.example', '/v1/a/quiet-river', '/v1/a/{id}'],
    ['t1.shop.example', '/v1/a/7.json', '/v1/a/{id}.json'],
    ['t1.shop.example', '/v1/a/7:8', '/v1/a/{x}:{y}'],
    ['t1.shop.example', '/v1/a/me/b', '/v1/a/{id}/b'],
    ['t1.shop.example', '/a/me', undefined],
    ['api.shop.example', '/one/c', '/one/c'],
    ['api.shop.example', '/two/c', '/two/c'],
    ['api.shop.example', '/three/c', undefined],
    ['api.shop.example', '/relative/d', '/relative/d'],
    ['elsewhere.example', '/v1/a/me', '/v1/a/me'],
    ['elsewhere.example', '/a/me', '/a/me'],
    ['elsewhere.example', '/a', undefined],
  ]
  let ran = 0
  it.each(rows)('%s %s', (host, path, template) => {
    ran += 1
    expect(index.match(host, 'GET', path.slice(1).split('/'))?.template).toBe(template)
  })
  it('ran every row', () => expect(ran).toBe(rows.length))
})

describe('the catalog with specifications', () => {
  const sessions = new SessionDirectory()
  const feed = (catalog: Catalog, requests: readonly string[]): void => {
    requests.forEach((request, index) => {
      const call = exampleCall({ request, answer: { id: 1 } }, index)
      catalog.observe(call, identify(evidenceOf(call), sessions))
    })
  }
  const inventory = (catalog: Catalog): string[] =>
    catalog.endpoints().map(one => `${one.inventory} ${one.template} ${one.calls}`)
  const words = ['ember', 'salt', 'iron', 'amber', 'violet', 'paper']

  it('names a word by the specification from the first call, and the rest as shadow and orphan', () => {
    const catalog = new Catalog()
    catalog.specify([spec(get("'/books/{title}'") + get('/never'))])
    feed(
      catalog,
      words.flatMap(word => [`GET /books/${word}`, 'GET /debug']),
    )
    expect(inventory(catalog)).toEqual(['documented /books/{title} 6', 'shadow /debug 6'])
    expect(catalog.orphans().map(({ bound }) => bound.template)).toEqual(['/never'])
  })

  it('moves what was learned before to the specified endpoint, told as merges, and back', () => {
    const catalog = new Catalog()
    const merges: string[] = []
    catalog.onMerge((from, to) => merges.push(`${from.split('/').pop()} > ${to.split('/').pop()}`))
    feed(catalog, ['GET /books/ember', 'GET /books/salt', 'GET /orders/1', 'GET /orders/2'])
    catalog.specify([spec(get("'/books/{title}'") + get("'/orders/{number}'"))])
    expect(inventory(catalog)).toEqual(['documented /books/{title} 2', 'documented /orders/{number} 2'])
    expect(merges).toContain('ember > {title}')
    expect(catalog.resolve('GET api.shop.example/books/salt' as never)).toBe(
      'GET api.shop.example/books/{title}',
    )
    catalog.specify([])
    feed(catalog, ['GET /orders/3'])
    expect(inventory(catalog).at(-1)).toBe('candidate /orders/{orderId} 3')
  })

  it('calls a zombie what is deprecated, dated, or missing from a newer version', () => {
    const one = spec(
      get('/v1/a') + get('/v1/b', 'deprecated: true, ') + get('/v1/c', "x-sunset: '2020-01-01', "),
      "title: Shop, version: '1.9'",
    )
    const two = spec(get('/v1/a'), "title: Shop, version: '1.10'")
    const requests = ['a', 'b', 'c'].flatMap(name => words.map(() => `GET /v1/${name}`))
    const alone = new Catalog()
    alone.specify([one])
    feed(alone, requests)
    expect(inventory(alone)).toEqual(['documented /v1/a 6', 'zombie /v1/b 6', 'zombie /v1/c 6'])
    const both = new Catalog()
    both.specify([spec(get('/v1/a') + get('/v1/d'), "title: Shop, version: '1.9'"), two])
    feed(
      both,
      ['a', 'd'].flatMap(name => words.map(() => `GET /v1/${name}`)),
    )
    expect(inventory(both)).toEqual(['documented /v1/a 6', 'zombie /v1/d 6'])
  })
})

it('orders versions as people write them', () => {
  const order = ['0.9', '1.0.0-beta', '1.0.0', 'v1.2', '1.10', '2', '2026-01-31']
  for (let index = 1; index < order.length; index += 1)
    expect(compareVersions(order[index - 1]!, order[index]!), order[index]!).toBe(-1)
  expect(compareVersions('v1', '1.0')).toBe(0)
})
