import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runHere } from '../../../test/support/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-apis-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two hosts, each with an endpoint that was called often enough. */
const file = join(folder, 'traffic.jsonl')
writeFileSync(
  file,
  Array.from({ length: 24 }, (_, index) =>
    JSON.stringify({
      id: `c-${index}`,
      time: 1_800_000_000_000 + index * 1_000,
      destination: { host: index % 2 === 0 ? 'a.example' : 'b.example' },
      request: {
        method: 'GET',
        target: index % 2 === 0 ? `/orders/${index}` : '/health',
        headers: [['authorization', `Bearer opaque-token-of-caller-${index % 4}`]],
      },
      response: { status: 200, headers: [['content-type', 'application/json']], body: `{"id":${index}}` },
    }),
  ).join('\n'),
)

const run = (...line: string[]) => runHere(line, { width: 100 })

describe('apis, from files', () => {
  it('lists what is in them', async () => {
    const { code, out } = await run('apis', 'list', file, '--format', 'json')
    expect(code).toBe(0)
    expect(
      (JSON.parse(out) as { id: string; calls: number }[]).map(({ id, calls }) => [id, calls]).sort(),
    ).toEqual([
      ['GET a.example/orders/{orderId}', 12],
      ['GET b.example/health', 12],
    ])
    const found = await run('apis', 'list', file, '--format', 'json', '--query', 'HEALTH')
    expect(JSON.parse(found.out)).toHaveLength(1)
    const one = await run('apis', 'list', file, '--format', 'json', '--limit', '1')
    expect(JSON.parse(one.out)).toHaveLength(1)
    expect((await run('apis', 'list', file, '--format', 'json', '--data-class', 'email')).out).toBe('[]\n')
  })

  it('shows one, and says where there is none', async () => {
    const { code, out } = await run(
      'apis',
      'show',
      'GET a.example/orders/{orderId}',
      file,
      '--format',
      'json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      template: '/orders/{orderId}',
      responseSchemas: { '2xx': { properties: { id: { type: 'integer' } } } },
    })
    expect(JSON.parse(out).callers).toHaveLength(2)
    const none = await run('apis', 'show', 'GET a.example/nothing', file)
    expect(none.code).not.toBe(0)
    expect(none.said).toContain('apis list')
  })

  it('exports one document, as JSON and as YAML', async () => {
    const json = await run('apis', 'export', file)
    const yaml = await run('apis', 'export', file, '--format', 'yaml')
    expect([json.code, yaml.code]).toEqual([0, 0])
    const document = JSON.parse(json.out) as { paths: Record<string, { servers: unknown }> }
    expect(parse(yaml.out)).toEqual(document)
    expect(Object.keys(document.paths)).toEqual(['/health', '/orders/{orderId}'])
    expect(document.paths['/health']?.servers).toEqual([{ url: 'https://b.example' }])
    const one = await run('apis', 'export', file, '--host', 'a.example')
    expect(JSON.parse(one.out)).toMatchObject({ servers: [{ url: 'https://a.example' }] })
  })

  it('tells what differs between two recordings', async () => {
    const lines = (path: (index: number) => string, body: (index: number) => object, day: number) =>
      Array.from({ length: 24 }, (_, index) =>
        JSON.stringify({
          id: `d-${day}-${index}`,
          time: 1_800_000_000_000 + day * 86_400_000 + index * 1_000,
          destination: { host: 'a.example' },
          request: {
            method: 'GET',
            target: path(index),
            headers: [['authorization', `Bearer opaque-token-of-caller-${index % 4}`]],
          },
          response: {
            status: 200,
            headers: [['content-type', 'application/json']],
            body: JSON.stringify(body(index)),
          },
        }),
      ).join('\n')
    const before = join(folder, 'before.jsonl')
    const after = join(folder, 'after.jsonl')
    const orders = (index: number): string => `/orders/${index}`
    writeFileSync(
      before,
      [
        lines(orders, id => ({ id }), 0),
        lines(
          () => '/legacy',
          id => ({ id }),
          0,
        ),
      ].join('\n'),
    )
    writeFileSync(
      after,
      [
        lines(orders, id => ({ id, email: `person${id}@brightwater.co` }), 3),
        lines(
          () => '/refunds',
          id => ({ id }),
          3,
        ),
      ].join('\n'),
    )
    const { code, out } = await run('apis', 'diff', '--before', before, '--after', after, '--format', 'json')
    expect(code).toBe(0)
    const told = JSON.parse(out) as { kind: string; endpoint: string; field?: string; sensitive: boolean }[]
    expect(told.map(({ kind, endpoint, field }) => [kind, endpoint, field])).toEqual([
      ['field-new', 'GET a.example/orders/{orderId}', 'email'],
      ['endpoint-new', 'GET a.example/refunds', undefined],
      ['endpoint-gone', 'GET a.example/legacy', undefined],
    ])
    expect(told[0]?.sensitive).toBe(true)
    const table = await run('apis', 'diff', '--before', before, '--after', after)
    expect(table.out).toContain('response email string')
    const same = await run('apis', 'diff', '--before', before, '--after', before)
    expect([same.code, same.out, same.said]).toEqual([0, '', 'Nothing of the API differs.\n'])
    const half = await run('apis', 'diff', '--before', before)
    expect(half.code).toBe(2)
    expect(half.said).toContain('--after')
  })

  it('names a file that is not there', async () => {
    const { code, said } = await run('apis', 'export', join(folder, 'missing.jsonl'))
    expect(code).toBe(2)
    expect(said).toContain('missing.jsonl')
  })
})
