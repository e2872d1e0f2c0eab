import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answeredCall, userInTurn } from '../../../test/support/answered-call.ts'
import type { Json } from '../../call/content.ts'
import { Catalog } from '../catalog.ts'
import type { CatalogOptions } from '../catalog-options.ts'
import type { TemplatePin } from '../directions/template-pin.ts'

const host = 'api.shop.example'

type Step = readonly [method: string, path: string, answer: Json | undefined, status?: number]

interface Learned {
  readonly catalog: Catalog
  readonly splits: readonly (readonly [from: string, to: string])[]
  readonly calls: number
}

function learn(
  steps: readonly Step[],
  options: Partial<CatalogOptions> = {},
  pins: readonly TemplatePin[] = [],
): Learned {
  const catalog = new Catalog(options)
  if (pins.length > 0) catalog.pin(pins)
  const splits: [string, string][] = []
  catalog.onSplit((from, to) => splits.push([from, to]))
  for (const [index, [method, path, answer, status]] of steps.entries())
    catalog.observe(answeredCall({ host, method, path, answer, status }, index), userInTurn(index, 5))
  catalog.settle()
  return { catalog, splits, calls: steps.length }
}

const templates = (catalog: Catalog): readonly string[] =>
  catalog.endpoints().map(({ method, template }) => `${method} ${template.replace(/\{[^}]*\}/g, '{}')}`)
const callsOf = (catalog: Catalog): number => catalog.endpoints().reduce((sum, { calls }) => sum + calls, 0)

const article = { title: 't', body: 'b', author: 'a', likes: 1, published: true }
const roundup = { week: 1, entries: [{ rank: 1 }], editor: 'e', sponsor: 's', nextIssue: 'n' }
const slugs = Array.from(
  { length: 24 },
  (_, index) => `${['green', 'slow', 'old', 'tin'][index % 4]}-${'abcdef'[index >> 2]}oat`,
)

/** A word that is first refused, so that it is taken for one more value, and then called far more than any. */
const merged: readonly Step[] = [
  ...slugs.flatMap((slug): Step[] => [
    ['GET', `/articles/${slug}`, article],
    ['GET', `/articles/${slug}`, article],
  ]),
  ['GET', '/articles/roundup', { error: 'e' }, 422],
  ['GET', '/articles/roundup', { error: 'e' }, 422],
]
const further = (rounds: number): Step[] =>
  Array.from({ length: rounds }, (_, round): Step[] => [
    ['GET', '/articles/roundup', roundup],
    ['GET', `/articles/${slugs[round % slugs.length]}`, article],
  ]).flat()

describe('a word that turns out to be an operation', () => {
  it('leaves its placeholder with its calls and answers, and nothing is counted twice', () => {
    expect(templates(learn(merged).catalog)).toEqual(['GET /articles/{}'])
    const { catalog, splits, calls } = learn([...merged, ...further(60)])
    expect(templates(catalog)).toEqual(['GET /articles/roundup', 'GET /articles/{}'])
    expect(splits).toEqual([[`GET ${host}/articles/{articleId}`, `GET ${host}/articles/roundup`]])
    expect(callsOf(catalog)).toBe(calls)
    const own = catalog.endpoints().find(({ template }) => template === '/articles/roundup')
    expect(own).toMatchObject({ calls: 62, statuses: { '200': 60, '422': 2 }, inventory: 'unknown' })
    const values = catalog.endpoints().find(({ template }) => template !== '/articles/roundup')
    expect(values!.statuses['422']).toBeUndefined()
  })

  it('is shown for review with what showed it, and stays apart', () => {
    const { catalog, splits } = learn([...merged, ...further(60), ...merged.slice(0, 48), ...further(200)])
    expect(splits).toHaveLength(1)
    const review = catalog.reviews().find(({ held }) => held === 'answers')
    expect(review).toMatchObject({ state: 'apart', template: '/articles/roundup', words: ['roundup'] })
    expect(review!.nats).toBeLessThan(review!.threshold)
    expect(review!.evidence.map(({ term }) => term)).toEqual(expect.arrayContaining(['answers', 'rate']))
  })

  it('stays a value where a person says so, and where there is no room to tell it apart', () => {
    const steps = [...merged, ...further(60)]
    const pins = [{ id: 'pin-1', host, template: '/articles/{slug}' }]
    expect(learn(steps, {}, pins).splits).toEqual([])
    const { catalog, splits } = learn(steps, { words: 0 })
    expect(splits).toEqual([])
    expect(catalog.stats.wordsRefused).toBeGreaterThan(0)
  })

  it('is a favourite of its callers as long as it answers as the others do', () => {
    const steps = further(200).map(([method, path]): Step => [method, path, article])
    expect(learn([...merged, ...steps]).splits).toEqual([])
  })

  it('takes what is below it along', () => {
    const operations: Readonly<Record<string, readonly string[]>> = {
      g5: ['accounts', 'payments', 'reports'],
      gw2: ['devices', 'events', 'sessions'],
      g5pc: ['teams', 'projects', 'invoices'],
    }
    const games = Object.keys(operations)
    const busy: Step[] = Array.from({ length: 60 }, () => ['GET', '/news/today', article])
    const common: Step[] = games.flatMap(game =>
      ['matches', 'players', 'maps'].map((word): Step => ['GET', `/stats/${game}/${word}/latest`, undefined]),
    )
    const before = learn([...busy, ...common]).catalog
    expect(templates(before)).toContain('GET /stats/{}/maps/latest')
    const own: Step[] = Array.from({ length: 20 }, () =>
      games.flatMap(game =>
        ['arena', 'season', 'rank'].map(
          (word): Step => ['GET', `/stats/${game}/${word}-of-${game}`, undefined],
        ),
      ),
    ).flat()
    const { catalog, splits, calls } = learn([...busy, ...common, ...own])
    expect(splits.length).toBeGreaterThan(0)
    for (const game of games) {
      const own = catalog.endpoints().filter(({ template }) => template.startsWith(`/stats/${game}/`))
      expect(own.reduce((sum, endpoint) => sum + endpoint.calls, 0)).toBe(3 + 60)
    }
    expect(callsOf(catalog)).toBe(calls)
  })
})

describe('values that name a representation', () => {
  const towns = ['rome', 'oslo', 'bern', 'lima', 'cairo', 'quito', 'hanoi', 'tunis']
  const times: Step[] = Array.from({ length: 6 }, () =>
    towns.flatMap((town): Step[] => [
      ['GET', `/zones/${town}`, { zone: 'z', offset: 1, dst: false, now: 'n' }],
      ['GET', `/zones/${town}.txt`, 'text'],
    ]),
  ).flat()

  it('are a placeholder of their own', () => {
    const { catalog, calls } = learn(times)
    expect(templates(catalog)).toEqual(['GET /zones/{}', 'GET /zones/{}.txt'])
    expect(callsOf(catalog)).toBe(calls)
  })

  it('but not names of files', () => {
    const files = [
      'a1.csv',
      'plan.json',
      'notes.txt',
      'tide.json',
      'moss.json',
      'fern.csv',
      'oak.json',
      'elm.json',
    ]
    const steps = Array.from({ length: 8 }, () =>
      files.map((file): Step => ['GET', `/uploads/of/${file}`, { name: 'n', size: 1, owner: 'o', url: 'u' }]),
    ).flat()
    for (const template of templates(learn(steps).catalog))
      expect(template).not.toBe('GET /uploads/of/{}.json')
  })
})

/** Words of no meaning, the first of them called most. */
const word = fc
  .integer({ min: 0, max: 59 })
  .map(index => `${'bcdfgklmnprt'[index % 12]}${'aeiou'[index % 5]}l${index}a`)
const noise = fc.record({
  slug: fc
    .tuple(word, word, fc.boolean())
    .map(words => (words[2] ? 'bal0a' : [words[0], words[1]].sort()[0]!)),
  below: fc.constantFrom('', '', '/notes', '/likes'),
  method: fc.constantFrom('GET', 'GET', 'GET', 'DELETE'),
  status: fc.constantFrom(200, 200, 200, 200, 404, 500, 422),
  present: fc.array(fc.constantFrom('score', 'badge', 'parent'), { maxLength: 3 }),
})
const stepOf = ({
  slug,
  below,
  method,
  status,
  present,
}: {
  readonly slug: string
  readonly below: string
  readonly method: string
  readonly status: number
  readonly present: readonly string[]
}): Step => [
  method,
  `/items/${slug}${below}`,
  status === 200
    ? { id: 1, name: 'n', price: 2, stock: 3, ...Object.fromEntries(present.map(key => [key, 1])) }
    : { error: 'e' },
  status,
]

describe('laws', () => {
  it('noise on one operation splits next to nothing', () => {
    // What is decided from a few calls is wrong at times: the seed is fixed, so that the same thousand are asked about on each run.
    // Without the bias to extremes: calls that nearly all go to one word are no noise.
    const worlds = fc.sample(fc.noBias(fc.array(noise, { minLength: 60, maxLength: 400 })), {
      ...{ seed: 7, numRuns: 1_000 },
    })
    const split = worlds.filter(calls => learn(calls.map(stepOf)).splits.length > 0)
    expect(worlds).toHaveLength(1_000)
    expect(split.length).toBeLessThanOrEqual(5)
  })

  it('each call is counted once, whatever splits and merges', () => {
    const step = fc.oneof(
      noise.map(stepOf),
      fc.constantFrom<Step>(
        ['GET', '/items/overview', roundup],
        ['GET', '/items/bal0a', roundup],
        ['GET', '/items/bal0a/secrets', roundup],
      ),
    )
    let splits = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 300 }), steps => {
        // Each operation is answered with success, so that each is told.
        const learned = learn(steps.map(([method, path, answer]): Step => [method, path, answer]))
        expect(callsOf(learned.catalog)).toBe(steps.length)
        splits += learned.splits.length
      }),
      { numRuns: 60 },
    )
    expect(splits).toBeGreaterThan(0)
  })

  it('what is told apart stays within the bound', () => {
    const steps = Array.from(
      { length: 4_000 },
      (_, index): Step => [
        'GET',
        `/shelf-${index % 7}/${String.fromCharCode(97 + (index % 26))}${((index * 2_654_435_761) >>> 0).toString(36)}x`,
        article,
      ],
    )
    const { catalog } = learn(steps, { words: 100 })
    expect(catalog.stats.words).toBeGreaterThan(50)
    expect(catalog.stats.words).toBeLessThanOrEqual(100)
  })
})
