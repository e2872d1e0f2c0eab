export interface TemplateSegment {
  readonly text: string
  /** The first placeholder, with the fixed text before it and all that follows. Undefined for a literal. */
  readonly placeholder?: { readonly name: string; readonly prefix: string; readonly suffix: string }
  /** Where a segment has more than one, as `{from}..{to}`: all names, and the fixed texts around them, one more than names. */
  readonly several?: { readonly names: readonly string[]; readonly fixed: readonly string[] }
}

const anyPlaceholder = /\{([^{}]*)\}/g

/** A template's segments: `report-{id}.json` is prefix, name and suffix. */
export const templateSegments = (template: string): readonly TemplateSegment[] =>
  template.slice(1).split('/').map(templateSegment)

export function templateSegment(text: string): TemplateSegment {
  const open = text.indexOf('{')
  const close = text.indexOf('}', open)
  if (open < 0 || close < 0) return { text }
  const placeholder = {
    name: text.slice(open + 1, close),
    prefix: text.slice(0, open),
    suffix: text.slice(close + 1),
  }
  if (!placeholder.suffix.includes('{')) return { text, placeholder }
  return { text, placeholder, several: { names: namesIn(text), fixed: fixedTexts(text) } }
}

/** Names of the placeholders in a template or a segment of one, in order. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(anyPlaceholder)].map(match => match[1] ?? '')

/** The fixed texts of a segment around its placeholders: `{a}:{b}` has ``, `:` and ``. */
export const fixedTexts = (segment: string): readonly string[] => segment.split(/\{[^{}]*\}/)

/**
 * The values of a segment between fixed texts, or undefined where it does not fit. No value is empty. Each fixed text is taken where
 * it comes first, without going back, so that the time is linear; two placeholders side by side share as one character and the rest.
 */
export function valuesBetween(segment: string, fixed: readonly string[]): readonly string[] | undefined {
  const first = fixed[0] ?? ''
  const last = fixed[fixed.length - 1] ?? ''
  const end = segment.length - last.length
  if (end <= first.length || !segment.startsWith(first) || !segment.endsWith(last)) return undefined
  if (fixed.length === 2) return [segment.slice(first.length, end)]
  const values: string[] = []
  let at = first.length
  for (let index = 1; index < fixed.length - 1; index += 1) {
    const found = segment.indexOf(fixed[index]!, at + 1)
    if (found < 0) return undefined
    values.push(segment.slice(at, found))
    at = found + fixed[index]!.length
  }
  if (at >= end) return undefined
  values.push(segment.slice(at, end))
  return values
}

/** True where a segment has a value between each two of the fixed texts, as `valuesBetween`. */
export function fitsBetween(segment: string, fixed: readonly string[]): boolean {
  if (fixed.length !== 2) return valuesBetween(segment, fixed) !== undefined
  const prefix = fixed[0]!
  const suffix = fixed[1]!
  return (
    segment.length > prefix.length + suffix.length && segment.startsWith(prefix) && segment.endsWith(suffix)
  )
}

const lengthOf = (fixed: readonly string[]): number => fixed.reduce((sum, text) => sum + text.length, 0)

/** Which of two segments with fixed texts is tried first: the one with more of it; in the order of their texts where it is as much. */
export function byFixedText(a: readonly string[], b: readonly string[]): number {
  const longer = lengthOf(b) - lengthOf(a)
  if (longer !== 0) return longer
  const left = a.join('{}')
  const right = b.join('{}')
  return left < right ? -1 : left > right ? 1 : 0
}

/** The values at a template's placeholders, in order. */
export function paramsOf(
  template: readonly TemplateSegment[],
  segments: readonly string[],
): (readonly [string, string])[] {
  const params: (readonly [string, string])[] = []
  for (let index = 0; index < template.length; index += 1) {
    const one = template[index]
    const segment = segments[index]
    if (one?.placeholder === undefined || segment === undefined) continue
    if (one.several !== undefined) {
      const values = valuesBetween(segment, one.several.fixed) ?? []
      for (const [place, name] of one.several.names.entries()) params.push([name, values[place] ?? ''])
      continue
    }
    const { name, prefix, suffix } = one.placeholder
    params.push([name, segment.slice(prefix.length, segment.length - suffix.length)])
  }
  return params
}
