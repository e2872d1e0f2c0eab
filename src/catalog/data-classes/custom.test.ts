import { describe, expect, it } from 'vitest'
import { SallyportError } from '../../kit/error.ts'
import { FieldEvidence } from '../schema/field-evidence.ts'
import { readCustomClasses } from './custom.ts'
import { dataClasses } from './index.ts'
import { ClassRegistry } from './registry/class-registry.ts'

const source = `classes:
  - id: employee-number
    title: Employee number
    group: pii
    sensitivity: 12
    pattern: 'EMP-\\d{6}'
    names: [employee, staff number]
    examples:
      matches: [EMP-123456]
      rejects: [EMP-12345, XEMP-123456]
  - id: loyalty-card
    title: Loyalty card
    group: pii
    pattern: '9\\d{9}'
    validators: [luhn]
    examples:
      matches: ['9000000001']
      rejects: ['9000000002']
`
const faultOf = (text: string): SallyportError => {
  try {
    readCustomClasses(text, 'classes.yaml')
  } catch (fault) {
    if (fault instanceof SallyportError) return fault
  }
  throw new Error('nothing was refused')
}

describe('readCustomClasses', () => {
  it('reads classes that fields are then given', () => {
    const custom = readCustomClasses(source, 'classes.yaml')
    expect(custom.map(({ id, group, sensitivity }) => [id, group, sensitivity])).toEqual([
      ['employee-number', 'pii', 12],
      ['loyalty-card', 'pii', 15],
    ])
    const registry = new ClassRegistry([...dataClasses, ...custom])
    const evidence = new FieldEvidence('ref', undefined, registry)
    for (let index = 0; index < 5; index += 1) evidence.add(`EMP-${200_000 + ((index * 7919) % 1000)}`)
    expect([evidence.label(), evidence.sample]).toEqual(['employee-number', 'EM…00'])
  })

  it('takes an empty file for no classes', () => {
    expect(readCustomClasses('', 'classes.yaml')).toEqual([])
  })

  const rows: readonly [string, string, string, RegExp][] = [
    ['a pattern that backtracks', source.replace("'EMP-\\d{6}'", "'(E+)+'"), 'classes.yaml:6:14', /repeats/],
    [
      'an example that does not match',
      source.replace('[EMP-123456]', '[EMP-1]'),
      'classes.yaml:9:17',
      /match does not/,
    ],
    [
      'an example that matches',
      source.replace('[EMP-12345,', '[EMP-123456,'),
      'classes.yaml:10:17',
      /be rejected matches/,
    ],
    [
      'an id that is taken',
      source.replace('loyalty-card', 'email'),
      'classes.yaml:11:9',
      /already a data class/,
    ],
    [
      'an id given twice',
      source.replace('loyalty-card', 'employee-number'),
      'classes.yaml:11:9',
      /already a data class/,
    ],
    [
      'an unknown key',
      source.replace('sensitivity: 12', 'sensitive: 12'),
      'classes.yaml:5:16',
      /no data class setting/,
    ],
    ['an unknown validator', source.replace('[luhn]', '[lunh]'), 'classes.yaml:15:18', /not valid/],
    ['an unknown group', source.replace('group: pii', 'group: personal'), 'classes.yaml:4:12', /not valid/],
    ['no YAML', 'classes: [', 'classes.yaml:1:11', /not YAML/],
  ]
  let ran = 0
  it.each(rows)('refuses %s with its place', (_, text, where, message) => {
    const fault = faultOf(text)
    expect([fault.code, fault.where]).toEqual(['config/invalid', where])
    expect(fault.message).toMatch(message)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(9))
})
