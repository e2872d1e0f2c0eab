const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** `18 340` reads faster than `18340`; a thin space never looks like a decimal point. */
export const count = (value: number): string => whole.format(value).replaceAll(',', '\u202f')

/** At most one decimal, and none where the number is a whole one. */
export const decimal = (value: number): string => one.format(value).replaceAll(',', '\u202f')

export const plural = (value: number, singular: string, many = `${singular}s`): string =>
  `${count(value)} ${value === 1 ? singular : many}`

export function bytes(value: number): string {
  if (value < 1000) return `${count(value)} B`
  if (value < 1_000_000) return `${decimal(value / 1000)} kB`
  if (value < 1_000_000_000) return `${decimal(value / 1_000_000)} MB`
  return `${decimal(value / 1_000_000_000)} GB`
}

export function milliseconds(value: number): string {
  if (value < 1) return '< 1 ms'
  if (value < 1000) return `${count(value)} ms`
  return `${decimal(value / 1000)} s`
}

/** `percent(0.953)` is `95 %`; what is not everything is never shown as 100 %, nor what is something as 0 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100)
  if (rounded === 100 && share < 1) return '99 %'
  if (rounded === 0 && share > 0) return '< 1 %'
  return `${rounded} %`
}

/** `0.0042` is `0.42 %`: where shares are small and their difference matters. */
export const finePercent = (share: number): string =>
  share > 0 && share < 0.0001 ? '< 0.01 %' : `${Math.round(share * 10_000) / 100} %`

/** `a`, `a and b`, `a, b and c`; beyond `most` the rest is counted. */
export function listed(items: readonly string[], most = 3): string {
  const shown = items.length > most ? items.slice(0, most - 1) : items
  const rest = items.length - shown.length
  const parts = rest > 0 ? [...shown, `${count(rest)} more`] : [...shown]
  const last = parts.pop()
  if (last === undefined) return ''
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
}
