import { get } from './tree.ts'

/** `x-sunset` or `sunset` of an operation: a date, ms since the epoch. */
export function sunsetOf(operation: unknown): number | undefined {
  const value = get(operation, 'x-sunset') ?? get(operation, 'sunset')
  if (typeof value !== 'string') return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}
