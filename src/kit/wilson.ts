/**
 * Lower end of the Wilson score interval of a proportion (Wilson 1927): what share is supported by the evidence.
 *
 * @param hits 0 to `total`; fractions are allowed (weighted votes)
 * @param z standard normal quantile: 1.96 for a two-sided 95 % interval
 * @returns 0 to 1; 0 for no evidence
 */
export function wilsonLower(hits: number, total: number, z = 1.96): number {
  if (total <= 0) return 0
  const share = hits / total
  const square = z * z
  const centre = share + square / (2 * total)
  const margin = z * Math.sqrt((share * (1 - share) + square / (4 * total)) / total)
  return Math.max(0, (centre - margin) / (1 + square / total))
}

/** Both ends of the interval; `{ low: 0, high: 1 }` for no evidence. Parameters as those of `wilsonLower`. */
export const wilsonInterval = (
  hits: number,
  total: number,
  z = 1.96,
): { readonly low: number; readonly high: number } => ({
  low: wilsonLower(hits, total, z),
  // The upper end of a share is what is left by the lower end of its opposite.
  high: 1 - wilsonLower(total - hits, total, z),
})
