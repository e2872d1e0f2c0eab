import type { Labels } from '../../../src/catalog/ownership/labels.ts'
import { words } from './names.ts'

export const labelFields = ['owner', 'group', 'environment', 'criticality', 'tags'] as const
export type LabelField = (typeof labelFields)[number]
type Label = Labels['criticality']

export const labelTitles: Readonly<Record<LabelField, string>> = {
  owner: 'Owner',
  group: 'Group',
  environment: 'Environment',
  criticality: 'What for',
  tags: 'Tags',
}

/** What stands where nobody has said anything. */
export const labelMissing: Readonly<Record<LabelField, string>> = {
  owner: 'nobody named',
  group: 'none',
  environment: 'not known',
  criticality: 'not known',
  tags: 'none',
}

/** What an endpoint may be for; the server takes no other word. */
export const criticalities = [
  'authentication',
  'payment',
  'personal-data',
  'admin',
  'export',
  'other',
] as const

/** Values that are usual, offered while typing. */
export const labelUsual: Readonly<Record<LabelField, readonly string[]>> = {
  owner: [],
  group: [],
  environment: ['production', 'staging', 'test', 'development'],
  criticality: criticalities,
  tags: [],
}

const sources: Readonly<Record<Label['from'], string>> = {
  person: 'a person said so',
  rule: 'a rule',
  specification: 'its specification',
  workload: 'its workload',
  inferred: 'inferred',
}

/** Who says so and why: `inferred: its path says "payments"`. */
export const labelWhy = ({ from, why }: Label): string =>
  why === '' ? sources[from] : from === 'rule' ? why : `${sources[from]}: ${why}`

export const labelsOf = (labels: Labels | undefined, field: LabelField): readonly Label[] => {
  const found = labels?.[field]
  return found === undefined ? [] : Array.isArray(found) ? (found as readonly Label[]) : [found as Label]
}

export const labelValue = (field: LabelField, value: string): string =>
  field === 'criticality' ? words(value) : value

/** `a, b ,a` → `a` and `b`: tags as they are typed. */
export const tagsFrom = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(',')
      .map(tag => tag.trim())
      .filter(tag => tag !== ''),
  ),
]

/** `request:total in EUR`, `12 EUR`: what one passage of a step is worth. */
export function worth(value: Labels['flows'][number]['value']): string {
  if (value === undefined) return ''
  return value.amount === undefined
    ? `${value.field ?? 'an amount'} in ${value.currency}`
    : `${value.amount} ${value.currency}`
}
