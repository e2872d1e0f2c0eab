/**
 * How likely the next one is of a kind never seen: kinds seen once over all seen (Good 1953, after Turing).
 *
 * @param counts how often each kind was seen
 * @param others seen besides, each taken for a kind seen once
 * @returns 0 to 1; 1 where nothing was seen
 */
export function unseenMass(counts: Iterable<number>, others = 0): number {
  let once = others
  let total = others
  for (const count of counts) {
    total += count
    if (count === 1) once += 1
  }
  return total === 0 ? 1 : once / total
}
