import { wilsonLower } from '../../src/kit/wilson.ts'

/** Wilson score interval of a proportion, 95 %; 0 to 1 for no evidence. */
export function interval(hits: number, total: number): readonly [number, number] {
  return total === 0 ? [0, 1] : [wilsonLower(hits, total), 1 - wilsonLower(total - hits, total)]
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
