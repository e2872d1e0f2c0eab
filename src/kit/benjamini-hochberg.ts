/**
 * Which of many tests to believe so that at most a share `q` of those believed is expected to be false: the procedure of Benjamini and
 * Hochberg (1995).
 *
 * @param logPs natural logarithms of the p-values, 0 or less, in any order
 * @param q in (0, 1)
 * @returns the largest logarithm to believe; -Infinity where none is (a p-value of 0 is believed still)
 */
export function falseDiscoveryBound(logPs: readonly number[], q: number): number {
  const sorted = [...logPs].sort((a, b) => a - b)
  const logQ = Math.log(q / sorted.length)
  for (let rank = sorted.length; rank >= 1; rank -= 1) {
    const logP = sorted[rank - 1] ?? 0
    if (logP <= logQ + Math.log(rank)) return logP
  }
  return Number.NEGATIVE_INFINITY
}
