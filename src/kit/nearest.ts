/** Damerau–Levenshtein distance (adjacent transpositions count one), for names typed by people. */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1
  let before: number[] = []
  let above = Array.from({ length: width }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column < width; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let best = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, before[column - 2]! + 1)
      }
      current.push(best)
    }
    before = above
    above = current
  }
  return above[width - 1]!
}

/** The candidate a person most likely meant, or undefined when nothing is near: at most a third of its letters differ. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  const typed = name.slice(0, 64).toLowerCase()
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best !== undefined && bestDistance <= Math.max(1, Math.floor(best.length / 3)) ? best : undefined
}
