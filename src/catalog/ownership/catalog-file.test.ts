import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SallyportError } from '../../kit/error.ts'
import { parseCatalogFile } from './catalog-file.ts'

const refusalOf = (source: string): SallyportError => {
  try {
    parseCatalogFile(source, 'catalog.yaml')
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown
    throw thrown
  }
  throw new Error('it was not refused')
}

describe('the catalog file', () => {
  it('of the guide is read, every part of it', () => {
    const guide = readFileSync('docs/guide/ownership.md', 'utf8')
    const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, source = '']) =>
      parseCatalogFile(source, 'catalog.yaml'),
    )
    const [whole] = examples
    expect(examples.length).toBeGreaterThan(0)
    expect(whole?.rules.length).toBeGreaterThan(0)
    expect(whole?.flows.length).toBeGreaterThan(0)
    expect(whole?.hosts.length).toBeGreaterThan(0)
    expect(whole?.pins.length).toBeGreaterThan(0)
  })

  it('may be empty', () => {
    for (const source of ['', '# nothing yet\n', 'rules: []\n'])
      expect(parseCatalogFile(source, 'catalog.yaml')).toEqual({ rules: [], flows: [], hosts: [], pins: [] })
  })

  it('takes one or a list, methods and hosts in any case', () => {
    const { rules } = parseCatalogFile(
      'rules: [{ name: a, match: { host: API.shop.example, method: [post, Put] }, set: { owner: x } }]',
      'catalog.yaml',
    )
    expect(rules[0]?.match).toEqual({ host: ['api.shop.example'], method: ['POST', 'PUT'] })
  })

  const rows: readonly [source: string, where: string, mend: RegExp][] = [
    ['ruels: []\n', 'catalog.yaml:1:1', /"rules"/],
    ['rules:\n  - name: a\n    match: { hots: x }\n    set: { owner: b }\n', 'catalog.yaml:3:14', /"host"/],
    ['rules:\n  - name: a\n    set: { ownr: b }\n', 'catalog.yaml:3:12', /"owner"/],
    ['rules:\n  - name: a\n    set: { criticality: paymnt }\n', 'catalog.yaml:3:12', /"payment"/],
    ['rules:\n  - name: a\n    set: { criticality: zzzzzz }\n', 'catalog.yaml:3:12', /admin, payment/],
    ['rules:\n  - name: a\n    set: {}\n', 'catalog.yaml:3:5', /owner, environment/],
    ['rules:\n  - name: a\n', 'catalog.yaml:2:5', /guide/],
    [
      'rules:\n  - { name: a, set: { owner: x } }\n  - { name: a, set: { owner: y } }\n',
      'catalog.yaml:3:7',
      /its own/,
    ],
    ['rules:\n  - { name: a, match: { path: payments }, set: { owner: x } }\n', 'catalog.yaml:2:25', /guide/],
    ['flows:\n  - name: f\n    steps: [{ name: s, endpoint: nowhere }]\n', 'catalog.yaml:3:24', /guide/],
    [
      'flows:\n  - name: f\n    steps: [{ name: s, endpoint: /x, value: { currency: euro, amount: 1 } }]\n',
      'catalog.yaml:3:47',
      /guide/,
    ],
    [
      'flows:\n  - name: f\n    steps: [{ name: s, endpoint: /x, value: { currency: EUR } }]\n',
      'catalog.yaml:3:38',
      /guide/,
    ],
    ['hosts: ["shop.example"]\n', 'catalog.yaml:1:9', /tenant/],
    ['pins:\n  - { host: shop.example, template: "/a/{" }\n', 'catalog.yaml:2:27', /./],
    ['pins:\n  - { host: "sh op", template: "/a" }\n', 'catalog.yaml:2:7', /./],
    [
      'rules:\n  - { name: a, match: { host: "{t}{u}.x" }, set: { owner: x } }\n',
      'catalog.yaml:2:25',
      /tenant/,
    ],
    ['a: [\n', 'catalog.yaml:2:1', /Correct/],
    ['- 1\n', 'catalog.yaml:1:1', /guide/],
  ]
  let ran = 0
  it.each(rows)('%j is refused at %s', (source, where, mend) => {
    const refused = refusalOf(source)
    expect([refused.code, refused.where]).toEqual(['config/invalid', where])
    expect(refused.mend).toMatch(mend)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(18))

  it('is bounded', () => {
    const rule = (_: unknown, index: number): string => `  - { name: r${index}, set: { owner: x } }\n`
    const rules = Array.from({ length: 1_001 }, rule).join('')
    expect(refusalOf(`rules:\n${rules}`).message).toContain('rules')
    expect(refusalOf(`# ${'x'.repeat(1 << 20)}`).message).toContain('1 MiB')
    const bomb = `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`
    expect(refusalOf(bomb).code).toBe('config/invalid')
  })

  it('is read or refused with a place, whatever it holds', () => {
    const keys = fc.constantFrom(
      'rules',
      'flows',
      'hosts',
      'pins',
      'name',
      'match',
      'set',
      'owner',
      'steps',
      'endpoint',
      'value',
      'host',
      'x',
    )
    const tree = fc.letrec<{ node: unknown }>(tie => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(keys, tie('node'), { maxKeys: 4 }),
      ),
    })).node
    const source = fc.oneof(
      fc.string(),
      tree.map(value => JSON.stringify(value)),
      fc.dictionary(keys, tree, { maxKeys: 4 }).map(value => JSON.stringify(value)),
    )
    let refused = 0
    fc.assert(
      fc.property(source, text => {
        try {
          parseCatalogFile(text, 'catalog.yaml')
        } catch (thrown) {
          if (!(thrown instanceof SallyportError)) throw thrown
          expect(thrown.code).toBe('config/invalid')
          expect(thrown.where).toMatch(/^catalog\.yaml(?::\d+:\d+)?$/)
          refused += 1
        }
      }),
      { numRuns: 500, seed: 31 },
    )
    expect(refused).toBeGreaterThan(100)
  })
})
