import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runHere } from '../../../test/support/command-line.ts'
import type { Labels } from '../../catalog/ownership/labels.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-catalog-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** Two tenants' hosts of one API; badges that only the team knows for sensitive. */
const traffic = written(
  'traffic.jsonl',
  Array.from({ length: 24 }, (_, index) =>
    JSON.stringify({
      id: `c-${index}`,
      time: 1_800_000_000_000 + index * 1_000,
      destination: { host: `${index % 2 === 0 ? 'acme' : 'umbrella'}.shop.example` },
      request: {
        method: 'GET',
        target: `/feeds/${['alpha', 'beta', 'gamma', 'delta'][index % 4]}`,
        headers: [['authorization', `Bearer opaque-token-of-caller-${index % 4}`]],
      },
      response: {
        status: index % 12 === 11 ? 503 : 200,
        headers: [['content-type', 'application/json']],
        body: JSON.stringify({ [`field${index % 4}`]: 'x', badge: `BDG-${100_000 + index * 37}` }),
      },
    }),
  ).join('\n'),
)
const catalog = written(
  'catalog.yaml',
  `hosts: ["{tenant}.shop.example"]
pins:
  - { host: "{tenant}.shop.example", template: "/feeds/{feed}" }
rules:
  - { name: feeds, match: { path: /feeds/** }, set: { owner: logistics, criticality: export } }
`,
)
const classes = written(
  'classes.yaml',
  `classes:
  - id: badge
    title: Badge
    group: pii
    pattern: 'BDG-\\d{6}'
    names: [badge]
    examples: { matches: [BDG-123456], rejects: [BDG-1] }
`,
)
const id = 'GET {tenant}.shop.example/feeds/{feed}'
const files = ['--catalog', catalog, '--data-classes', classes]

const run = (...line: string[]) => runHere(line, { width: 120, environment: { SALLYPORT_TOKEN: 'a-token' } })

async function data<Answer>(...line: string[]): Promise<Answer> {
  const { code, out, said } = await run(...line, '--format', 'json')
  expect([line, code, said]).toEqual([line, 0, ''])
  return JSON.parse(out) as Answer
}

describe('recordings, read with a catalog file and data classes', () => {
  it('are analysed by them', async () => {
    const { endpoints } = await data<{
      endpoints: { id: string; dataClasses: { response: string[] }; criticality: string; labels: Labels }[]
    }>('analyze', traffic, ...files)
    expect(endpoints.map(one => one.id)).toEqual([id])
    expect(endpoints[0]).toMatchObject({
      dataClasses: { response: ['badge'] },
      criticality: 'export',
      labels: { owner: { value: 'logistics', from: 'rule', why: `rule feeds in ${catalog}` } },
    })
    const plain = await data<{ endpoints: { labels: Labels }[] }>('analyze', traffic)
    expect(plain.endpoints.length).toBeGreaterThan(1)
    expect(plain.endpoints.every(({ labels }) => labels.owner === undefined)).toBe(true)
  })

  it('are listed, shown, exported and compared by them', async () => {
    const listed = await run('apis', 'list', traffic, ...files, '--owner', 'logistics')
    expect(listed.out.split('\n')[0]).toMatch(/^RISK +ENDPOINT +OWNER/)
    expect(listed.out).toContain('logistics')
    expect((await data<unknown[]>('apis', 'list', traffic, ...files, '--tag', 'none')).length).toBe(0)
    const shown = await data<{ id: string; examples: { call: string; status: number }[]; dataMap: object[] }>(
      ...['apis', 'show', id, traffic, ...files],
    )
    expect(shown.dataMap).toMatchObject([{ field: 'badge', dataClass: 'badge', group: 'pii' }])
    expect(shown.examples.map(({ call, status }) => `${call} ${status}`)).toEqual(['c-23 503', 'c-22 200'])
    expect(JSON.stringify(shown.examples)).not.toContain(`BDG-${100_000 + 22 * 37}`)
    const document = await data<{ paths: object }>('apis', 'export', traffic, ...files)
    expect(Object.keys(document.paths)).toEqual(['/feeds/{feed}'])
    const same = await data('apis', 'diff', '--before', traffic, '--after', traffic, ...files)
    expect(same).toEqual([])
  })

  it('refuse what is wrong with the files, with the place', async () => {
    const wrong = written('wrong.yaml', 'rules:\n  - name: a\n    set: { ownr: x }\n')
    const rows: readonly (readonly [line: readonly string[], says: RegExp])[] = [
      [['analyze', traffic, '--catalog', wrong], /wrong\.yaml:3:\d+\)\n.*owner/],
      [['analyze', traffic, '--catalog', join(folder, 'missing.yaml')], /cannot be read.*missing\.yaml/],
      [['analyze', traffic, '--data-classes', wrong], /wrong\.yaml:\d+:\d+/],
      [['apis', 'list', '--catalog', catalog], /files of its own.*--catalog/],
      [['apis', 'show', 'x', '--data-classes', classes], /files of its own.*--data-classes/],
      [['apis', 'export', '--catalog', catalog], /files of its own/],
      [['apis', 'diff', '--catalog', catalog], /files of its own/],
      [['apis', 'set', 'x'], /Nothing is said/],
      [['findings', 'dismiss', 'x', '--reason', 'y', '--days', 'two'], /not a number of days/],
    ]
    let ran = 0
    for (const [line, says] of rows) {
      const { code, said } = await run(...line)
      expect([line, code]).toEqual([line, 2])
      expect(said).toMatch(says)
      expect(said).toContain('→')
      ran += 1
    }
    expect(ran).toBe(9)
  })
})
