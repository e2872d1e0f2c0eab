import type { Content, Json } from '../../call/content.ts'
import { keptWhole } from '../../kit/snapshot.ts'

const maxKeys = 48

/**
 * Which keys successful answers carry, two levels deep, and how often: what tells two words of one operation from two
 * operations. Bounded by `maxKeys`.
 */
export class ResponseShape {
  answers = 0
  readonly keys = new Map<string, number>()

  learn(content: Content): void {
    this.answers += 1
    if (content.kind === 'json' || content.kind === 'form') this.walk(content.value, '', 0)
    else this.add(`<${content.kind}>`)
  }

  private walk(value: Json, path: string, depth: number): void {
    if (value === null || typeof value !== 'object') {
      if (depth === 0) this.add(`<${typeof value}>`)
      return
    }
    if (Array.isArray(value)) {
      this.add(`${path}[]`)
      const first = value[0] as Json | undefined
      if (first !== undefined && depth < 2) this.walk(first, `${path}[]`, depth + 1)
      return
    }
    for (const key in value) {
      const at = `${path}.${key}`
      this.add(at)
      const child = (value as { readonly [key: string]: Json })[key]
      if (depth < 1 && child !== null && typeof child === 'object') this.walk(child, at, depth + 1)
    }
  }

  private add(key: string): void {
    const count = this.keys.get(key)
    if (count !== undefined) this.keys.set(key, count + 1)
    else if (this.keys.size < maxKeys) this.keys.set(key, 1)
  }

  absorb(other: ResponseShape): void {
    this.answers += other.answers
    for (const [key, count] of other.keys) {
      const mine = this.keys.get(key)
      if (mine !== undefined) this.keys.set(key, mine + count)
      else if (this.keys.size < maxKeys) this.keys.set(key, count)
    }
  }

  static {
    keptWhole(ResponseShape, 'catalog/response-shape', 1)
  }
}

/** Below so many answers an optional key that is missing says nothing. */
const fewAnswers = 4

/**
 * How alike two sets of answers are, 1 the same, 0 nothing in common: weighted Jaccard of the shares in which each key
 * appears; with few answers on a side, how much of the smaller set the larger one has.
 */
export function similarity(a: ResponseShape, b: ResponseShape): number {
  if (a.answers === 0 || b.answers === 0) return 1
  let low = 0
  let high = 0
  let shared = 0
  for (const [key, count] of a.keys) {
    const mine = Math.min(1, count / a.answers)
    const other = b.keys.get(key)
    const theirs = Math.min(1, (other ?? 0) / b.answers)
    if (other !== undefined) shared += 1
    low += Math.min(mine, theirs)
    high += Math.max(mine, theirs)
  }
  for (const [key, count] of b.keys) if (!a.keys.has(key)) high += Math.min(1, count / b.answers)
  if (high === 0) return 1
  const jaccard = low / high
  if (Math.min(a.answers, b.answers) >= fewAnswers) return jaccard
  const smaller = Math.min(a.keys.size, b.keys.size)
  return smaller === 0 ? 0.5 : Math.max(jaccard, shared / smaller)
}
