import { describe, expect, it } from 'vitest'
import { criticalityOf } from './criticality.ts'
import { readCustomClasses } from './data-classes/custom.ts'
import { classesWith, standardClasses } from './data-classes/registry/standard.ts'
import { riskOf } from './risk.ts'
import { FieldNode } from './schema/field-node.ts'
import { SchemaScope } from './schema/schema-limits.ts'

const classes = classesWith(
  readCustomClasses(
    `classes:
  - { id: badge, title: Badge, group: phi, sensitivity: 23, pattern: 'BDG-\\d{6}', examples: { matches: [BDG-123456], rejects: [BDG-1] } }
`,
    'classes.yaml',
  ),
)

describe('classes of a team', () => {
  it('are told in fields, beside the built-in ones, and nowhere else', () => {
    const labelOf = (scope: SchemaScope): string | undefined => {
      const root = new FieldNode()
      for (let index = 0; index < 8; index += 1)
        root.learn({ worn: `BDG-${204_000 + ((index * 7919) % 997)}` }, '', 0, scope)
      return root.properties?.get('worn')?.evidence?.label()
    }
    expect(labelOf(new SchemaScope(undefined, classes))).toBe('badge')
    expect(labelOf(new SchemaScope())).toBeUndefined()
    expect([classes.get('badge')?.group, standardClasses.get('badge'), classes.get('email')?.id]).toEqual([
      'phi',
      undefined,
      'email',
    ])
  })

  it('count for risk and criticality', () => {
    const dataClasses = { request: [], response: ['badge'] }
    const criticality = criticalityOf('GET', '/worn', dataClasses, classes)
    expect(criticality).toEqual({ name: 'personal-data', why: 'it carries badge' })
    const risk = riskOf({
      exposure: 'unknown',
      dataClasses,
      openSuccesses: 0,
      auth: [],
      criticality,
      method: 'GET',
      classes,
    })
    expect(risk.factors.find(({ factor }) => factor === 'data-returned')?.points).toBe(23)
  })
})
