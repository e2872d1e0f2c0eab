import { describe, expect, test } from 'vitest'
import { offersAt, type Vocabulary } from '../../console/src/format/policy-completion.ts'
import { factFields, factFunctions } from '../../src/policy/fact-fields.ts'
import { policyJsonSchema } from '../../src/policy/policy-schema.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'

const vocabulary: Vocabulary = {
  language: {
    schema: policyJsonSchema,
    facts: Object.entries(factFields).flatMap(([root, fields]) =>
      Object.entries(fields).map(([field, type]) => ({ name: `${root}.${field}`, type })),
    ),
    functions: Object.entries(factFunctions).map(([name, about]) => ({ name, about })),
    templates: policyTemplates.map(({ id, title, summary, render }) => ({
      id,
      title,
      summary,
      source: render(),
    })),
  },
  endpoints: ['GET /orders/{orderId}', 'POST /login'],
  hosts: ['api.shop.example'],
  roles: ['admin', 'support'],
  dataClasses: ['iban'],
}

/** The labels offered where `|` stands, and what of the text they would replace. */
function at(marked: string): { readonly labels: readonly string[]; readonly replaces: string } {
  const place = marked.indexOf('|')
  const text = marked.slice(0, place) + marked.slice(place + 1)
  const found = offersAt(text, place, vocabulary)
  return {
    labels: found?.options.map(({ label }) => label) ?? [],
    replaces: text.slice(found?.from ?? place, place),
  }
}

const head = 'apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: a }\nspec:\n'

describe('offers', () => {
  const rows: readonly [what: string, marked: string, some: readonly string[], replaces: string][] = [
    ['a template in an empty text', '|', ['owner-guard', 'ai-tools'], ''],
    ['keys of the document', 'ap|', ['apiVersion', 'spec'], 'ap'],
    ['keys of spec', `${head}  ph|`, ['phase', 'match', 'action', 'tests'], 'ph'],
    ['phases', `${head}  phase: re|`, ['request', 'response', 'flow'], 're'],
    ['modes', `${head}  mode: |`, ['shadow', 'enforce'], ''],
    ['keys of match', `${head}  match:\n    end|`, ['endpoints', 'roles', 'hosts'], 'end'],
    [
      'endpoints in a list',
      `${head}  match:\n    endpoints: [GE|`,
      ['GET /orders/{orderId}', 'POST /login'],
      'GE',
    ],
    ['endpoints in quotes', `${head}  match:\n    endpoints: ["GET /o|`, ['GET /orders/{orderId}'], 'GET /o'],
    ['endpoints in lines', `${head}  match:\n    endpoints:\n      - GE|`, ['GET /orders/{orderId}'], 'GE'],
    ['roles of callers', `${head}  match:\n    roles: [a|`, ['admin', 'support'], 'a'],
    ['types of action', `${head}  action: { type: bl|`, ['block', 'throttle', 'mask'], 'bl'],
    ['keys of an action', `${head}  action: { type: block, st|`, ['status', 'cloak'], 'st'],
    ['keys of an action in lines', `${head}  action:\n    type: block\n    st|`, ['status'], 'st'],
    ['facts', `${head}  when: req|`, ['request.method', 'identity.roles'], 'req'],
    ['facts of a root', `${head}  when: request.me|`, ['request.method'], 'request.me'],
    ['facts in quotes', `${head}  when: "response.status < 300.0 && obj|`, ['object.foreign'], 'obj'],
    [
      'facts in a block',
      `${head}  when: |-\n    true\n    && ident|`.replace('|-', '>-'),
      ['identity.name'],
      'ident',
    ],
    ['functions', `${head}  when: flo|`, ['flow.done("METHOD /path")'], 'flo'],
    ['roles in an expression', `${head}  when: '"ad|`, [], ''],
    ['roles that are compared', `${head}  when: identity.name == "ad|`, ['admin'], 'ad'],
    ['what a test expects', `${head}  tests:\n    - name: a\n      expect: |`, ['pass', 'block'], ''],
    ['keys of a test', `${head}  tests:\n    - name: a\n      in|`, ['input', 'expect'], 'in'],
    ['fact keys of the cost', `${head}  action: { type: throttle, cost: res|`, ['response.records'], 'res'],
  ]
  test.each(rows)('%s', (_, marked, some, replaces) => {
    const { labels, replaces: found } = at(marked)
    for (const one of some) expect(labels).toContain(one)
    if (some.length > 0) expect(found).toBe(replaces)
  })

  test('keys that are not there yet', () => {
    const { labels } = at(`${head}  phase: request\n  |`)
    expect(labels).toContain('action')
    expect(labels).not.toContain('phase')
  })

  test('nothing in a comment', () => {
    expect(at(`${head}  # pha|`).labels).toEqual([])
  })

  test('an endpoint is quoted where YAML would read its braces', () => {
    const found = offersAt(`${head}  match:\n    endpoints: [`, head.length + 26, vocabulary)
    expect(found?.options[0]).toMatchObject({ apply: '"GET /orders/{orderId}"' })
  })

  test('never throws, wherever it is asked', () => {
    let asked = 0
    for (const { render } of policyTemplates) {
      const text = render()
      for (let place = 0; place <= text.length; place += 1) {
        const found = offersAt(text, place, vocabulary)
        if (found !== undefined) expect(found.from).toBeLessThanOrEqual(place)
        asked += 1
      }
    }
    expect(asked).toBeGreaterThan(5_000)
  })
})
