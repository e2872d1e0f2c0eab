import { describe, expect, test } from 'vitest'
import { parseSpecification } from '../catalog/spec/parse.ts'
import { CelEngine } from './cel-engine.ts'
import { useDoubt } from './check-types.ts'
import { shapesOf } from './endpoint-shape.ts'
import { buildFacts } from './facts-builder.ts'
import { formatProblem } from './format-problem.ts'
import { lintPolicies } from './lint.ts'

const { specification } = parseSpecification(
  `openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                total: { type: number }
                note: { type: string }
                nickname: { type: [string, "null"] }
                state: { type: string, enum: [open, shipped, cancelled] }
                level: { type: integer, enum: [1, 2, 3] }
                gift: { type: boolean }
                reference: { oneOf: [{ type: string }, { type: number }] }
                anything: {}
                tags: { type: array, items: { type: string } }
                lines:
                  type: array
                  items: { type: object, properties: { sku: { type: string }, count: { type: integer } } }
                address: { type: object, properties: { city: { type: string } } }
                labels: { type: object, additionalProperties: { type: string } }
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties: { id: { type: string }, card: { type: string }, lines: { type: array, items: { type: object, properties: { card: { type: string } } } } }
        "409":
          description: there already
          content:
            application/json: { schema: { type: object, properties: { id: { type: integer }, error: { type: string } } } }
  /forms:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded: { schema: { type: object, properties: { total: { type: number } } } }
      responses: { "200": { description: ok } }
  /payments:
    post:
      requestBody:
        content:
          application/json: { schema: { type: object, properties: { total: { type: string } } } }
      responses: { "200": { description: ok } }
`,
  'shop.yaml',
)
const shapes = shapesOf([specification!])

const source = (spec: string, endpoint = 'POST /orders'): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec:\n  match: { endpoints: ["${endpoint}"] }\n${spec}`
const when = (expression: string): string => `  action: { type: block }\n  when: |\n    ${expression}\n`
const doubts = (spec: string, endpoint?: string) =>
  lintPolicies([{ name: 'p', source: source(spec, endpoint), version: 1 }], { shapes, strict: true }).filter(
    ({ message }) => message.startsWith('"p": '),
  )

describe('what a policy does with fields is held against their types', () => {
  const wrong: readonly (readonly [spec: string, message: string, mend: string])[] = [
    [
      when('request.body.note == 5.0'),
      'The field "note" is a string: it never equals a number.',
      'Write "5".',
    ],
    [when('5 != request.body.note'), 'The field "note" is a string: it never equals a number.', 'Write "5".'],
    [
      when('request.body.total == "10"'),
      'The field "total" is a number: it never equals a string.',
      'Write 10.0.',
    ],
    [
      when('request.body.gift == "true"'),
      'The field "gift" is a boolean: it never equals a string.',
      'Write true.',
    ],
    [
      when('request.body.note > 5.0'),
      'The field "note" is a string: it is neither more nor less than a number.',
      'Read a number out of it with double().',
    ],
    [
      when('request.body.total < "z"'),
      'The field "total" is a number: it is neither more nor less than a string.',
      'Make it a text with string().',
    ],
    [
      when('request.body.nickname > 1.0'),
      'The field "nickname" is a string or null: it is neither more nor less than a number.',
      'Read a number out of it with double().',
    ],
    [
      when('request.body.total == request.body.note'),
      'The field "total" is a number and "note" a string: the two are never equal.',
      'Compare fields of the same type, or convert one of them.',
    ],
    [
      when('request.body.note < request.body.total'),
      'The field "note" is a string and "total" a number: neither is more than the other.',
      'Compare fields of the same type, or convert one of them.',
    ],
    [
      when('request.body.note == identity.risk'),
      'The field "note" is a string: it never equals a number.',
      'Read a number out of it with double().',
    ],
    [
      when('request.body.total == identity.name'),
      'The field "total" is a number: it never equals a string.',
      'Make it a text with string().',
    ],
    [
      when('request.body.total.size() > 3'),
      'The field "total" is a number: size() cannot be asked of it.',
      'Expected a string or an array or an object; name another field, or do something else with this one.',
    ],
    [
      when('size(request.body.gift) > 3'),
      'The field "gift" is a boolean: size() cannot be asked of it.',
      'Expected a string or an array or an object; name another field, or do something else with this one.',
    ],
    [
      when('request.body.total.startsWith("1")'),
      'The field "total" is a number: startsWith() cannot be asked of it.',
      'Make it a text with string().',
    ],
    [
      when('request.body.note * 2.0 > 10.0'),
      'The field "note" is a string: it cannot be reckoned with as a number.',
      'Read a number out of it with double().',
    ],
    [
      when('request.body.note + 2.0 > 10.0'),
      'The field "note" is a string: a number cannot be added to it.',
      'Read a number out of it with double().',
    ],
    [
      when('request.body.note && request.body.gift'),
      'The field "note" is a string: it is no condition.',
      'Expected a boolean; name another field, or do something else with this one.',
    ],
    [
      when('request.body.total in ["1", "2"]'),
      'The field "total" is a number: it is never in that list.',
      'Write 1.0.',
    ],
    [
      when('request.body.total in identity.roles'),
      'The field "total" is a number: it is never in that list.',
      'Make it a text with string().',
    ],
    [
      when('"x" in request.body.note'),
      'The field "note" is a string: nothing is ever in it.',
      'Expected an array or an object; name another field, or do something else with this one.',
    ],
    [
      when('1.0 in request.body.tags'),
      'The field "tags[]" is a string: it never equals a number.',
      'Write "1".',
    ],
    [
      when('request.body.tags == "vip"'),
      'The field "tags" is an array: it never equals a string.',
      'Take one of its elements, or go through all with exists().',
    ],
    [
      when('request.body.note.exists(c, c == "x")'),
      'The field "note" is a string: exists() cannot go through it.',
      'Expected an array or an object; name another field, or do something else with this one.',
    ],
    [
      when('request.body.lines.exists(line, line.count == "2")'),
      'The field "lines[].count" is a number: it never equals a string.',
      'Write 2.0.',
    ],
    [
      when('request.body.lines.exists(line, line.skv == "2")'),
      'No body of its endpoints has the field "skv".',
      'Did you mean "sku"?',
    ],
    [
      when('request.body.lines[0].sku > 2.0'),
      'The field "lines[].sku" is a string: it is neither more nor less than a number.',
      'Read a number out of it with double().',
    ],
    [
      when('request.body.note.city == "x"'),
      'The field "note" is a string: it has no field "city".',
      'Name "note" itself, or correct the way.',
    ],
    [
      when('request.body.lines.sku == "x"'),
      'The field "lines" is an array: it has no field "sku".',
      'Its elements have one: take one of them, or go through all.',
    ],
    [
      when('request.body.labels.colour == 1.0'),
      'The field "labels.colour" is a string: it never equals a number.',
      'Write "1".',
    ],
    [
      when('request.body.state == "shiped"'),
      '"shiped" is none of the values of the field "state".',
      'Did you mean "shipped"?',
    ],
    [
      when('request.body.state in ["open", "lost"]'),
      '"lost" is none of the values of the field "state".',
      'They are "open", "shipped", "cancelled".',
    ],
    [when('request.body.level == 4.0'), '4 is none of the values of the field "level".', 'They are 1, 2, 3.'],
    [
      when('response.body.error > 1.0'),
      'The field "error" is a string: it is neither more nor less than a number.',
      'Read a number out of it with double().',
    ],
    [
      '  action: { type: throttle, requests: 1, windowSeconds: 1, key: request.body.gift }\n',
      'The field "gift" is a boolean: it is no text to count by.',
      'Expected a string or a number; name another field, or do something else with this one.',
    ],
    [
      '  action: { type: throttle, budget: 1, windowSeconds: 1, cost: request.body.note }\n',
      'The field "note" is a string: it is no number to add up.',
      'Read a number out of it with double().',
    ],
    [
      '  action: { type: strip, fields: ["/note/secret"] }\n',
      'The field "note" is a string: it has no field "secret".',
      'Name "note" itself, or correct the way.',
    ],
    [
      '  action: { type: mask, fields: ["/id", "/lines/card"] }\n',
      'The field "lines" is an array: it has no field "card".',
      'Its elements have one: take one of them, or go through all.',
    ],
  ]
  test.each(wrong)('%s', (spec, message, mend) => {
    const found = doubts(spec)
    expect(found.map(({ message: said, mend: how }) => [said, how])).toEqual([[`"p": ${message}`, mend]])
    const isDoubtful = /none of the values|No body of its endpoints/.test(message)
    expect(found[0]?.severity).toBe(isDoubtful ? 'warning' : 'error')
  })

  const right = [
    'request.body.total == 5.0',
    'request.body.total > 5',
    'request.body.note > "a"',
    'request.body.nickname == null || request.body.note == null',
    'request.body.nickname == "x"',
    'request.body.reference == 1.0 || request.body.reference == "1"',
    'request.body.reference.size() > 3',
    'request.body.anything == 1.0 && request.body.anything.deep.down == "x"',
    'request.body.state == "open" || request.body.state in ["open", "shipped"]',
    'request.body.level == 2.0 || request.body.level > 7.0',
    'request.body.gift',
    '!request.body.gift',
    'double(request.body.note) > 5.0',
    'string(request.body.total) == "5"',
    'size(request.body.tags) > 3 && "vip" in request.body.tags',
    'request.body.lines.all(line, line.count < 10.0 && line.sku != "")',
    'request.body.lines.filter(line, line.count > 1.0).size() > 2',
    'request.body.labels.exists(name, name == "colour")',
    '"colour" in request.body.labels && request.body.labels["colour"] == "red"',
    'request.body.note + request.body.state == "ab"',
    'request.body.total + 1.0 > 2.0 && request.body.total * request.body.level > 1.0',
    'response.body.id == 1.0 || response.body.id == "1"',
    'response.status >= 400.0 && response.body.error.contains("x")',
    'has(request.body.address) && request.body.address.city.startsWith("B")',
    '(request.body.gift ? request.body.note : request.body.state) == "x"',
    'type(request.body.note) == double',
    'request.body.total == identity.claims["limit"]',
  ]
  test.each(right)('nothing is said of %s', expression => {
    expect(doubts(when(expression))).toEqual([])
  })

  test('nothing is said where another endpoint of the policy has the type, nor of the text of forms', () => {
    expect(doubts(when('request.body.total == "5"'), 'POST /payments')).toEqual([])
    expect(doubts(when('request.body.total == "5"'), 'POST /*')).toEqual([])
    expect(doubts(when('request.body.total == "5"'), 'POST /forms')).toEqual([])
    expect(doubts(when('request.body.total == "5"'))).toHaveLength(1)
  })

  test('the place is that of the field, in expressions and among the fields of an action', () => {
    const text = source(`  action: { type: block }
  when: |
    request.body.total > 1.0
      && request.body.note > 1.0
---
apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: q }
spec:
  match: { endpoints: ["POST /orders"] }
  action:
    type: mask
    fields: ["/id", "/card/number"]
`)
    const found = lintPolicies([{ name: 'p.yaml', source: text, version: 1 }], { shapes, strict: true })
    expect(
      found.filter(({ severity }) => severity === 'error').map(problem => formatProblem(problem, text)),
    ).toEqual([
      [
        'p.yaml:9:10: error: "p": The field "note" is a string: it is neither more nor less than a number.',
        '  9 |       && request.body.note > 1.0',
        '    |          ^',
        '  → Read a number out of it with double().',
      ].join('\n'),
      [
        'p.yaml:18:21: error: "q": The field "card" is a string: it has no field "number".',
        '  18 |     fields: ["/id", "/card/number"]',
        '     |                     ^',
        '  → Name "card" itself, or correct the way.',
      ].join('\n'),
    ])
  })

  test('callers send what they like: it is a doubt, and no error, where nobody asks for more', () => {
    const problems = lintPolicies(
      [{ name: 'p', source: source(when('request.body.note == 5.0')), version: 1 }],
      { shapes },
    )
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(problems.some(({ message }) => message.includes('never equals'))).toBe(true)
  })
})

describe('a doubt about a type is told of exactly what comes to nothing', () => {
  const samples = {
    string: ['', 'a', '10', 'admin', '10.0.0.1'],
    number: [0, 1.5, 10, -1],
    boolean: [true, false],
    array: [[], ['a'], [1.5], [true]],
    object: [{}, { a: 1 }, { admin: true }],
  } as const
  // Each is true of some value of every type that it can be true of.
  const templates = [
    ...['X == 1.5', 'X == "a"', 'X == true', '1.5 == X', 'X == identity.name', 'X == identity.risk'],
    ...['X < 1.5', 'X >= "a"', 'X >= true', 'X <= identity.risk', 'X - 1.0 <= 100.0', 'X * 2.0 >= 0.0'],
    ...['-X <= 0.0', 'X + 1.0 >= 0.0', 'X + "a" != "b"', 'X + [1.0] != []', 'X + X != "z"'],
    ...['X.size() >= 0', 'size(X) >= 0', 'X.startsWith("a")', 'X.contains("1")', 'X.trim() == "a"'],
    ...[
      '"10".endsWith(X)',
      'X',
      '!X',
      'X && true',
      'X || false',
      'X ? true : false',
      '(X ? 1.0 : 2.0) > 0.0',
    ],
    ...['X in ["a", "b"]', 'X in [1.5]', 'X in identity.roles', '"a" in X', 'X.all(e, true)'],
    ...[
      'X.exists(e, true)',
      'X.map(e, e) != [7.0]',
      'double(X) >= 0.0',
      'string(X) != "z"',
      'inCidr(X, "10.0.0.0/8")',
    ],
  ]
  const engine = new CelEngine()
  test.each(templates)('%s', template => {
    const compiled = engine.compile(template.replaceAll('X', 'request.body.x'))
    if (!('expression' in compiled)) throw new Error(compiled.fault.message)
    const { expression } = compiled
    for (const [type, values] of Object.entries(samples)) {
      const isTold = expression.uses.some(
        use =>
          useDoubt(use, () => [
            { types: ['object'], properties: { x: { types: [type as keyof typeof samples] } } },
          ])?.kind === 'type',
      )
      const holds = values.some(x => {
        const facts = buildFacts(
          { request: { body: { x } }, identity: { name: 'a', risk: 1.5, roles: ['a', 'admin'] } },
          { method: 'POST', path: '/orders', host: 'shop.example' },
        )
        try {
          return expression.evaluate(engine.bind(facts, expression.variables))
        } catch {
          return false
        }
      })
      expect([type, isTold]).toEqual([type, !holds])
    }
  })
})
