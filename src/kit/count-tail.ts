/** What is known of the counts of others in one window: mean, variance and over how many. */
export interface CountMoments {
  readonly mean: number
  readonly variance: number
}

/**
 * How unlikely a count of `count` or more is among counts of that mean and variance: Gamma–Poisson (negative binomial), fitted by the
 * method of moments, `a = m²/(s²-m)`, `b = m/(s²-m)`; Poisson where the variance does not exceed the mean.
 *
 * @param count 0 or more; fractions are rounded up
 * @returns the natural logarithm of the probability, 0 or less. Exact far into the tail: -700 and less are not rounded to nothing.
 */
export function logCountTail(count: number, { mean, variance }: CountMoments): number {
  const k = Math.ceil(count)
  if (k <= 0) return 0
  if (mean <= 0) return Number.NEGATIVE_INFINITY
  if (variance <= mean * (1 + 1e-9)) return logGammaShare(k, mean)
  const excess = variance - mean
  const shape = (mean * mean) / excess
  // P(X ≥ k) = I_q(k, a) with q = 1/(1+b): the regularized incomplete beta function.
  return logBetaShare(excess / (excess + mean), k, shape)
}

/** The same as a probability; 0 where it is smaller than a double can be. */
export const countTail = (count: number, moments: CountMoments): number =>
  Math.exp(logCountTail(count, moments))

/** ln Γ(x) for x > 0, Lanczos (1964) with g = 7, nine terms: about 15 digits. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const shifted = x - 1
  let sum = 0.99999999999980993
  for (const [index, term] of lanczos.entries()) sum += term / (shifted + index + 1)
  const t = shifted + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum)
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

const tiny = 1e-300
const steps = 10_000

/** ln I_x(a, b), the regularized incomplete beta function, by Lentz's continued fraction (Numerical Recipes 6.4) in logarithms. */
export function logBetaShare(x: number, a: number, b: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY
  if (x >= 1) return 0
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)
  if (x < (a + 1) / (a + b + 2)) return Math.min(0, front + Math.log(betaFraction(x, a, b) / a))
  return log1mExp(Math.min(0, front + Math.log(betaFraction(1 - x, b, a) / b)))
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= steps; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonzero(1 + even * d)
    c = nonzero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonzero(1 + odd * d)
    c = nonzero(1 + odd / c)
    const change = d * c
    value *= change
    if (Math.abs(change - 1) < 1e-14) break
  }
  return value
}

/** ln P(k, λ), the lower regularized gamma function: the chance of `k` or more Poisson events. */
function logGammaShare(k: number, lambda: number): number {
  const front = k * Math.log(lambda) - lambda - logGamma(k)
  if (lambda < k + 1) {
    let term = 1 / k
    let sum = term
    for (let n = 1; n <= steps; n += 1) {
      term *= lambda / (k + n)
      sum += term
      if (term < sum * 1e-15) break
    }
    return Math.min(0, front + Math.log(sum))
  }
  let b = lambda + 1 - k
  let c = 1 / tiny
  let d = 1 / nonzero(b)
  let value = d
  for (let n = 1; n <= steps; n += 1) {
    const factor = -n * (n - k)
    b += 2
    d = 1 / nonzero(factor * d + b)
    c = nonzero(b + factor / c)
    const change = d * c
    value *= change
    if (Math.abs(change - 1) < 1e-14) break
  }
  return log1mExp(Math.min(0, front + Math.log(value)))
}

const nonzero = (value: number): number => (Math.abs(value) < tiny ? tiny : value)

/** ln(1 - e^x) for x ≤ 0 without loss of digits (Mächler 2012). */
const log1mExp = (x: number): number => (x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x)))
