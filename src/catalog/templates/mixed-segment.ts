import { isTyped, kindOf } from './segment-kind.ts'
import { isAct, isFixedWord, valueLeaning } from './vocabulary.ts'

/** A segment with fixed text around a value: `report-{}.json`, `@{}`, `{}:cancel`, `roles(user='{}')`. */
export interface MixedSegment {
  readonly prefix: string
  readonly suffix: string
  readonly value: string
  /** Name written beside the value, where there is one: `user` in `roles(user='x')`. */
  readonly name?: string
  /** False where one sighting does not prove it: `report-7.json` may as well be a file name. */
  readonly certain: boolean
}

const call = /^([\w.$-]{0,120}\()(\w{1,60})=('?)([^'(),]{1,200})('?)\)$/
const numbered = /^([A-Za-z][A-Za-z]{0,40}[-_:.])(\d{1,18})(\.[A-Za-z][A-Za-z0-9]{0,4})$/
const extension = /^(.{1,200})(\.(?:[a-z][a-z0-9]{1,6}))$/
const action = /^([^:]{1,200})(:[A-Za-z][A-Za-z]{1,40})$/

/** Leaning of a plural, and of words joined to one. */
const collection = -1.2

export function mixedOf(segment: string): MixedSegment | undefined {
  const first = segment.charCodeAt(0)
  // `@alice` and `~alice`.
  if ((first === 64 || first === 126) && segment.length > 1) {
    return { prefix: segment.slice(0, 1), suffix: '', value: segment.slice(1), certain: true }
  }
  if (segment.endsWith(')')) {
    const [, prefix, name, open, value, close] = call.exec(segment) ?? []
    if (prefix === undefined || name === undefined || value === undefined || open !== close) return undefined
    return { prefix: `${prefix}${name}=${open}`, suffix: `${close})`, value, name, certain: true }
  }
  if (segment.includes('.')) {
    const [, prefix, value, suffix] = numbered.exec(segment) ?? []
    if (prefix !== undefined && value !== undefined && suffix !== undefined)
      return { prefix, suffix, value, certain: false }
    const [, stem, tail] = extension.exec(segment) ?? []
    if (stem !== undefined && tail !== undefined) {
      const kind = kindOf(stem)
      if (isTyped(kind) && kind !== 'slug' && kind !== 'code')
        return { prefix: '', suffix: tail, value: stem, certain: true }
    }
  }
  if (segment.includes(':')) {
    const [, stem, tail] = action.exec(segment) ?? []
    if (
      stem !== undefined &&
      tail !== undefined &&
      // `hotels:verify` acts on the collection, `{hotelId}:verify` on one of it.
      (isTyped(kindOf(stem)) ||
        (!isFixedWord(stem) && isAct(tail.slice(1)) && valueLeaning(stem) > collection))
    )
      return { prefix: '', suffix: tail, value: stem, certain: true }
  }
  return undefined
}

export const mixedKey = (mixed: MixedSegment): string => `${mixed.prefix}{}${mixed.suffix}`

/** The value in `segment` between a pattern's fixed ends, or undefined where it does not fit. */
export function valueIn(segment: string, prefix: string, suffix: string): string | undefined {
  if (segment.length <= prefix.length + suffix.length) return undefined
  if (!segment.startsWith(prefix) || !segment.endsWith(suffix)) return undefined
  return segment.slice(prefix.length, segment.length - suffix.length)
}
