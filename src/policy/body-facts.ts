import type { Content, Json } from '../call/content.ts'

/** Members and elements that are looked at; a body with more is measured as having so many, and cannot be read by expressions. */
export const maxBodyFields = 5_000

/** Levels of nesting (0 of a scalar) and members and elements at all levels, up to `maxBodyFields`. Linear, without recursion. */
export function measureBody(value: Json): { readonly depth: number; readonly fields: number } {
  let depth = 0
  let fields = 0
  let level: readonly Json[] = [value]
  while (level.length > 0 && fields < maxBodyFields) {
    const next: Json[] = []
    let nested = false
    for (const one of level) {
      if (one === null || typeof one !== 'object') continue
      nested = true
      for (const inner of Array.isArray(one) ? (one as readonly Json[]) : Object.values(one)) {
        fields += 1
        if (fields >= maxBodyFields) break
        next.push(inner)
      }
      if (fields >= maxBodyFields) break
    }
    if (nested) depth += 1
    level = next
  }
  return { depth, fields }
}

/** The body as expressions read it: null where there is none, undefined where it cannot be told. */
export function bodyOf(content: Content): Json | undefined {
  if (content.kind === 'empty') return null
  if (content.kind === 'text') return content.text
  if (content.kind === 'binary' || content.kind === 'malformed') return undefined
  return measureBody(content.value).fields >= maxBodyFields ? undefined : content.value
}

/** Levels below the top at which lists of records are looked for. */
const recordLevels = 2

/** Elements of the longest list at the top or up to two levels down; 1 of an object without one, 0 of nothing. */
export function recordsIn(value: Json | undefined, levels = recordLevels): number {
  if (value === undefined || value === null || typeof value !== 'object') return 0
  if (Array.isArray(value)) return value.length
  let most = 1
  if (levels > 0) {
    let looked = 0
    for (const inner of Object.values(value)) {
      looked += 1
      if (looked > maxBodyFields) break
      if (inner !== null && typeof inner === 'object') most = Math.max(most, recordsIn(inner, levels - 1))
    }
  }
  return most
}

/** The media type of a `content-type`: lower case, without parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return ''
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}
