import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answeredCall, userInTurn } from '../../../test/support/answered-call.ts'
import type { Json } from '../../call/content.ts'
import { Catalog } from '../catalog.ts'
import type { CatalogOptions } from '../catalog-options.ts'
import { RouteMatcher } from '../route-matcher.ts'
import { evidenceTerms } from './evidence.ts'
import { isFree, valueLeaning } from './vocabulary.ts'

type Step = readonly [method: string, path: string, answer?: Json | undefined, status?: number]

const host = 'api.shop.example'
const callOf = ([method, path, answer, status]: Step, index: number) =>
  answeredCall({ host, method, path, answer, status }, index)
const identityOf = (index: number) => userInTurn(index, 5)

function learn(
  steps: readonly Step[],
  options: Partial<CatalogOptions> = {},
): { readonly catalog: Catalog; readonly given: readonly string[] } {
  const catalog = new Catalog(options)
  const given = steps.map((step, index) => catalog.observe(callOf(step, index), identityOf(index)).endpoint)
  return { catalog, given }
}

const templates = (catalog: Catalog): string[] =>
  catalog.endpoints().map(({ method, template }) => `${method} ${template.replace(/\{[^}]*\}/g, '{}')}`)
const repeat = (times: number, steps: (round: number) => readonly Step[]): Step[] =>
  Array.from({ length: times }, (_, round) => steps(round)).flat()

const authors = ['mira', 'ruben', 'ines', 'otto', 'selma', 'jonas']
const topics = ['green-tea', 'slow-bread', 'old-maps', 'night-trains', 'paper-birds', 'tin-roofs']
const article = { title: 't', body: 'b', author: 'a', likes: 1, published: true }
const profile = { handle: 'h', bio: 'b', joined: 'j', followers: 3, avatar: 'u' }
const node = { hash: 'h', height: 1, size: 2, parent: 'p', time: 't' }
const job = { queued: true, job: 'j', eta: 3, owner: 'o' }
const invoice = { number: 'n', total: 1, currency: 'c', lines: [{ sku: 's', price: 1 }] }

describe('learned templates', () => {
  const rows: readonly [what: string, steps: readonly Step[], expected: readonly string[]][] = [
    [
      'values under values, each seen hardly twice',
      repeat(6, round => [
        ['GET', `/articles/${authors[round]}/${topics[round]}`, article],
        ['GET', `/articles/${authors[(round + 1) % 6]}/${topics[(round + 3) % 6]}/author`, profile],
      ]),
      ['GET /articles/{}/{}', 'GET /articles/{}/{}/author'],
    ],
    [
      'areas with the same operations below and operations of their own',
      repeat(8, round => [
        ['GET', `/v2/litecoin/blocks/${round}`, node],
        ['GET', `/v2/dogecoin/blocks/${round}`, node],
        ['GET', `/v2/litecoin/fees/${round}`, { fast: 1, slow: 2 }],
        ['GET', `/v2/dogecoin/tips/${round}`, { from: 'f', to: 't' }],
        ['GET', '/v2/litecoin/mempool', { pending: 1, bytes: 2 }],
        ['GET', '/v2/dogecoin/treasury', { funds: 1, holders: 2 }],
      ]),
      [
        'GET /v2/dogecoin/blocks/{}',
        'GET /v2/dogecoin/tips/{}',
        'GET /v2/dogecoin/treasury',
        'GET /v2/litecoin/blocks/{}',
        'GET /v2/litecoin/fees/{}',
        'GET /v2/litecoin/mempool',
      ],
    ],
    [
      'an act that turns up beside words that are values already',
      [
        ...repeat(12, round => [['GET', `/indices/${authors[round % 6]}`, article] as Step]),
        ...repeat(6, () => [['POST', '/indices/rebuildShards', job] as Step]),
        ...repeat(6, () => [['GET', '/indices/overallUsage', { disk: 1, memory: 2, nodes: 3 }] as Step]),
      ],
      ['GET /indices/overallUsage', 'GET /indices/{}', 'POST /indices/rebuildShards'],
    ],
    [
      'full versions side by side',
      repeat(4, round => [
        ['GET', `/api/v1.${round}.7/sites`, article],
        ['GET', `/packages/tea/versions/2.${round}.${round}`, profile],
      ]),
      ['GET /api/v{}/sites', 'GET /packages/tea/versions/{}'],
    ],
    [
      'a single digit after api',
      repeat(5, round => [
        ['GET', '/api/2/materials', article],
        ['GET', `/api/2/models/${round + 100}`, profile],
      ]),
      ['GET /api/2/materials', 'GET /api/2/models/{}'],
    ],
    [
      'names before the same domain',
      repeat(6, round => [['POST', `/${authors[round]}.market.shop.example/orders`, invoice] as Step]),
      ['POST /{}.market.shop.example/orders'],
    ],
    [
      'files of several kinds, of which two agree',
      repeat(8, round => [
        [
          'GET',
          `/uploads/${['tide.csv', 'moss.csv', 'reef.png', 'dune.pdf', 'fern.txt', 'opal.zip'][round % 6]}`,
          article,
        ] as Step,
      ]),
      ['GET /uploads/{}'],
    ],
    [
      'kinds in the middle of a path, with nothing of their own',
      repeat(9, round => [
        ['GET', `/settings/${['jira', 'slack', 'asana'][round % 3]}/${round + 1000}`, invoice],
        ['DELETE', `/settings/${['jira', 'slack', 'asana'][(round >> 1) % 3]}/${round + 1000}`],
        ['GET', '/plans', [article]],
        ['GET', '/limits', { calls: 1 }],
      ]),
      ['DELETE /settings/{}/{}', 'GET /limits', 'GET /plans', 'GET /settings/{}/{}'],
    ],
    [
      'collections at the front that look the same',
      repeat(8, round => [
        ['GET', '/films', [{ id: 1, name: 'n' }]],
        ['GET', '/series', [{ id: 1, name: 'n' }]],
        ['GET', `/films/${round}`, article],
        ['GET', `/series/${round}`, article],
      ]),
      ['GET /films', 'GET /films/{}', 'GET /series', 'GET /series/{}'],
    ],
  ]
  let ran = 0
  it.each(rows)('%s', (_, steps, expected) => {
    const { catalog, given } = learn(steps)
    expect(templates(catalog)).toEqual(expected)
    for (const id of given) expect(catalog.endpoint(catalog.resolve(id as never))).toBeDefined()
    const matcher = new RouteMatcher(catalog.routes())
    for (const [index, [method, path]] of steps.entries())
      expect(matcher.match(host, method, path)?.endpoint).toBe(catalog.resolve(given[index] as never))
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(9))
})

describe('admission on a host that says 404', () => {
  const twice: readonly Step[] = [
    ['GET', '/reports', article],
    ['GET', '/reports', article],
  ]
  const misses: readonly Step[] = [
    ['GET', '/wp-login.php', undefined, 404],
    ['GET', '/.env', undefined, 404],
    ['GET', '/backup.zip', undefined, 404],
  ]
  it('takes two answers there and not elsewhere', () => {
    const inventory = (steps: readonly Step[]): string[] =>
      learn(steps)
        .catalog.endpoints()
        .map(endpoint => endpoint.inventory)
    expect(inventory(twice)).toEqual(['candidate'])
    expect(inventory([...twice, ...misses])).toEqual(['unknown'])
    expect(inventory([...twice, ...misses.slice(1)])).toEqual(['candidate'])
  })
})

describe('kinds of evidence', () => {
  it('can be left out, each for itself', () => {
    const steps = repeat(2, round => [
      ['GET', `/v2/litecoin/blocks/${round}`, node],
      ['GET', `/v2/dogecoin/blocks/${round}`, node],
      ['GET', `/books/${authors[round % 6]}`, article],
    ])
    const whole = templates(learn(steps).catalog)
    expect(whole).toContain('GET /books/{}')
    const changed = evidenceTerms.filter(
      term => templates(learn(steps, { without: [term] }).catalog).join() !== whole.join(),
    )
    const none = templates(learn(steps, { without: evidenceTerms }).catalog)
    expect(none).not.toContain('GET /books/{}')
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.length).toBeLessThan(evidenceTerms.length)
  })
})

describe('laws', () => {
  const word = fc
    .stringMatching(/^[bdfgklmnprst][aeiou][bdfgklmnprst][aeiou][bdfgklmnprst]{1,2}$/)
    // By chance a word of an API's vocabulary: that one may well stay as it is.
    .filter(text => isFree(text) && valueLeaning(text) > -0.5)
  const api = fc.record({
    values: fc.uniqueArray(word, { minLength: 14, maxLength: 14 }),
    picks: fc.shuffledSubarray(
      Array.from({ length: 42 }, (_, index) => index % 14),
      { minLength: 24 },
    ),
    reads: fc.array(fc.nat(59), { maxLength: 4 }),
  })

  it('words that answer alike are one endpoint, and an act beside them stays apart', () => {
    fc.assert(
      fc.property(api, ({ values, picks }) => {
        const steps = picks.flatMap((pick, index): Step[] => [
          ['GET', `/bins/${values[pick % values.length]}`, article],
          ...(index % 3 === 0 ? [['GET', '/bins/recalculateTotals', job] as Step] : []),
        ])
        const found = templates(learn(steps).catalog)
        expect(found).toEqual(['GET /bins/recalculateTotals', 'GET /bins/{}'])
      }),
      { numRuns: 60 },
    )
  })

  it('reading the catalog in between loses no call and no id', () => {
    fc.assert(
      fc.property(api, ({ values, picks, reads }) => {
        const catalog = new Catalog()
        const given = picks.map((pick, index) => {
          if (reads.includes(index)) catalog.endpoints()
          const step: Step = [
            'GET',
            `/bins/${values[pick % values.length]}/${pick % 3 === 0 ? 'lid' : 'key'}`,
            article,
          ]
          return catalog.observe(callOf(step, index), identityOf(index)).endpoint
        })
        const listed = catalog.endpoints()
        expect(listed.reduce((sum, { calls }) => sum + calls, 0)).toBe(picks.length)
        const ids = new Set(listed.map(({ id }) => id))
        for (const id of given) expect(ids.has(catalog.resolve(id))).toBe(true)
        // Settled: reading again changes nothing.
        expect(catalog.endpoints()).toEqual(listed)
      }),
      { numRuns: 60 },
    )
  })
})
