import { describe, expect, it } from 'vitest'
import { exampleCall } from '../../call/protocols/example-call.ts'
import { standardClasses } from '../data-classes/registry/standard.ts'
import { FieldBudget } from './field-budget.ts'
import { OperationSchema } from './operation-schema.ts'

const day = 86_400_000
const answer = (names: readonly string[], time: number) => ({
  ...exampleCall({
    request: { method: 'GET', target: '/a' },
    response: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Object.fromEntries(names.map(name => [name, 1])),
    },
  }),
  time,
})
const many = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}x`)
const namesOf = (schema: OperationSchema): readonly string[] =>
  Object.keys(schema.build([], false).responses[0]?.schema?.properties ?? {})

describe('FieldBudget', () => {
  it('refuses what is beyond it, counted, while everything in it is in use', () => {
    const budget = new FieldBudget({ fields: 20, idleAfter: day })
    const first = new OperationSchema(standardClasses, budget)
    const second = new OperationSchema(standardClasses, budget)
    first.learnResponse(answer(many(12, 'a'), 1_000))
    second.learnResponse(answer(many(12, 'b'), 2_000))
    expect([namesOf(first).length, namesOf(second).length]).toEqual([12, 6])
    expect([budget.used, budget.refused, budget.forgotten]).toEqual([20, 6, 0])
    expect(second.build([], false).responses[0]?.schema?.skipped).toBe(6)
  })

  it('forgets the operations without a call for long, the least recently used first, and learns them again', () => {
    const budget = new FieldBudget({ fields: 30, idleAfter: day })
    const [old, newer, fresh] = [1, 2, 3].map(() => new OperationSchema(standardClasses, budget))
    old!.learnResponse(answer(many(9, 'a'), 1_000))
    newer!.learnResponse(answer(many(9, 'b'), 2_000))
    old!.learnResponse(answer(many(9, 'a'), 3_000))
    fresh!.learnResponse(answer(many(14, 'c'), 3_000 + 2 * day))
    expect([old, newer, fresh].map(schema => namesOf(schema!).length)).toEqual([9, 0, 14])
    expect([budget.used, budget.forgotten, budget.refused]).toEqual([25, 1, 0])
    expect(newer!.build([], false).forgotten).toBe(1)
    newer!.learnResponse(answer(many(2, 'b'), 3_000 + 2 * day))
    expect(namesOf(newer!)).toHaveLength(2)
  })

  it('is given back what joins and what goes', () => {
    const budget = new FieldBudget({ fields: 100, idleAfter: day })
    const [one, other] = [1, 2].map(() => new OperationSchema(standardClasses, budget))
    one!.learnResponse(answer(many(9, 'a'), 1_000))
    other!.learnResponse(answer(many(9, 'a').concat('z'), 1_000))
    expect(budget.used).toBe(21)
    one!.absorb(other!)
    expect(budget.used).toBe(11)
    one!.dispose()
    expect(budget.used).toBe(0)
  })
})
