import type { QuarantineEntry } from '../store/ports/state-store.ts'

/** Fifteen minutes, an hour, a day: each time somebody has to be shut out again. */
export const quarantineSteps = [900, 3_600, 86_400] as const
/** What lies longer back does not count. */
const memoryMs = 7 * 86_400_000

/** How long somebody is to be shut out, in seconds, by how often that was done in the last seven days. What was undone does not count. */
export function ladderSeconds(
  { kind, target }: Pick<QuarantineEntry, 'kind' | 'target'>,
  entries: readonly QuarantineEntry[],
  now: number,
): number {
  const before = entries.filter(
    one =>
      one.kind === kind &&
      one.target === target &&
      one.releasedAt === undefined &&
      one.createdAt > now - memoryMs &&
      one.createdAt <= now,
  ).length
  return quarantineSteps[Math.min(before, quarantineSteps.length - 1)] ?? quarantineSteps[0]
}
