import { type Fields, fieldsOf, type Labels, labelsOf, listOf, textOf, textsOf } from './fields.ts'

/**
 * Does a label selector choose something with these labels? All of `matchLabels` and `matchExpressions` must hold; one that says
 * nothing chooses everything. An operator that is not known chooses nothing.
 */
export function selects(selector: Fields, labels: Labels): boolean {
  return (
    hasLabels(fieldsOf(selector.matchLabels), labels) &&
    (!Array.isArray(selector.matchExpressions) ||
      listOf(selector.matchExpressions).every(expression => holds(expression, labels)))
  )
}

/** All of these labels, as a Service chooses its pods. */
export function hasLabels(wanted: Fields, labels: Labels): boolean {
  for (const name of Object.keys(wanted))
    if (!Object.hasOwn(labels, name) || labels[name] !== wanted[name]) return false
  return true
}

function holds(expression: Fields, labels: Labels): boolean {
  const { key, operator, values } = fieldsOf(expression)
  const name = textOf(key)
  if (name === undefined) return false
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined
  if (operator === 'Exists') return value !== undefined
  if (operator === 'DoesNotExist') return value === undefined
  const among = value !== undefined && textsOf(values).includes(value)
  return operator === 'In' ? among : operator === 'NotIn' ? !among : false
}

/** A selector in words, for reasons: `app=web, tier in (a, b)`. */
export function selectorText(selector: Fields): string {
  const parts = [
    ...Object.entries(labelsOf(selector.matchLabels)).map(([name, value]) => `${name}=${value}`),
    ...listOf(selector.matchExpressions).map(
      ({ key, operator, values }) =>
        `${textOf(key) ?? '?'} ${textOf(operator) ?? '?'}${textsOf(values).length === 0 ? '' : ` (${textsOf(values).join(', ')})`}`,
    ),
  ]
  return parts.length === 0 ? 'all' : parts.join(', ').slice(0, 200)
}
