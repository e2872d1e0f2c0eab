import type { Labels } from '../facts.ts'

export type Fields = Readonly<Record<string, unknown>>

export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const texts = (value: unknown): readonly string[] =>
  items(value).filter(one => typeof one === 'string')

/** A label selector of Kubernetes (meta/v1 LabelSelector) upon labels; an empty one takes everything. */
export function selects(selector: unknown, labels: Labels): boolean {
  const { matchLabels, matchExpressions } = fields(selector)
  for (const [name, value] of Object.entries(fields(matchLabels))) if (labels[name] !== value) return false
  for (const expression of items(matchExpressions)) {
    const { key, operator, values } = fields(expression)
    const value = labels[String(key)]
    const listed = value !== undefined && texts(values).includes(value)
    const holds =
      operator === 'In'
        ? listed
        : operator === 'NotIn'
          ? !listed
          : operator === 'Exists'
            ? value !== undefined
            : operator === 'DoesNotExist'
              ? value === undefined
              : false
    if (!holds) return false
  }
  return true
}
