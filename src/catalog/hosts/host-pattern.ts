import { fitsBetween, fixedTexts, namesIn, valuesBetween } from '../placeholders.ts'

/** A host with or without placeholders in its labels: `{tenant}.example.com`, `shop-{branch}.preview.example`, `{address}:8080`. */
export interface HostPattern {
  readonly text: string
  /** Names of the placeholders, in order; empty for a plain host. */
  readonly names: readonly string[]
  /** For each label the fixed texts around its placeholders; one text for a plain label. */
  readonly labels: readonly (readonly string[])[]
  /** `:8080`, or nothing. */
  readonly port: string
  /** The only label is a placeholder: it takes addresses, not names. */
  readonly addresses: boolean
}

/** Characters of a host name (RFC 1035), with a port after it. */
export const maxHostLength = 253 + 6

const placeholder = /\{[a-z][a-z0-9_-]{0,40}\}/g
const label = /^[a-z0-9_-]{1,63}$/
const port = /:\d{1,5}$/
const ipv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/
const ipv6 = /^\[[0-9a-f:.]{2,45}\]$/

/** @returns The pattern, or undefined for what is neither a host nor one. Placeholders need fixed text between them. */
export function parseHostPattern(written: string): HostPattern | undefined {
  const text = written.toLowerCase()
  if (text === '' || text.length > maxHostLength) return undefined
  const end = port.exec(text)?.[0] ?? ''
  const bare = end === '' ? text : text.slice(0, -end.length)
  if (ipv6.test(bare)) return { text, names: [], labels: [[bare]], port: end, addresses: false }
  const parts = bare.split('.')
  for (const part of parts) {
    const fixed = fixedTexts(part)
    if (!label.test(part.replace(placeholder, 'x')) || fixed.slice(1, -1).includes('')) return undefined
  }
  const names = namesIn(bare)
  if (new Set(names).size !== names.length) return undefined
  return {
    text,
    names,
    labels: parts.map(fixedTexts),
    port: end,
    addresses: parts.length === 1 && names.length === 1 && bare === `{${names[0]}}`,
  }
}

/** The values of a host at a pattern's placeholders, or undefined where it does not fit. A placeholder stays within its label. */
export function hostValues(pattern: HostPattern, host: string): readonly string[] | undefined {
  if (host.length > maxHostLength || !host.endsWith(pattern.port)) return undefined
  const bare = pattern.port === '' ? host : host.slice(0, -pattern.port.length)
  if (pattern.addresses) return isAddress(bare) ? [bare] : undefined
  const { labels } = pattern
  const parts = bare.split('.', labels.length + 1)
  if (parts.length !== labels.length) return undefined
  const values: string[] = []
  for (const [index, fixed] of labels.entries()) {
    const part = parts[index]!
    if (fixed.length === 1) {
      if (part !== fixed[0]) return undefined
      continue
    }
    if (part.includes(':') || !fitsBetween(part, fixed)) return undefined
    values.push(...(valuesBetween(part, fixed) ?? []))
  }
  return values
}

export const isAddress = (host: string): boolean => ipv4.test(host) || ipv6.test(host)

/** How much of a pattern is fixed: what has more of it is tried first. */
export function byFixedHost(a: HostPattern, b: HostPattern): number {
  const fixed = ({ labels }: HostPattern): number => labels.flat().reduce((sum, text) => sum + text.length, 0)
  const longer = fixed(b) - fixed(a)
  if (longer !== 0) return longer
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0
}
