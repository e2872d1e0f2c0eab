import { type PayloadKind, payloadKinds } from './payload/index.ts'

/**
 * What stands in a secret's place: `[redacted:<what>:<first 12 hex of the fingerprint>]`. Where the secret was itself an
 * attack (`password=' or 1=1`), the mask says which: `[redacted:<what>--<payload kind>:<hex>]`. So detectors see the
 * attack, and nobody the text.
 */
export interface Mask {
  /** What kind of secret it was: `password`, `jwt`, `token`, … */
  readonly what: string
  readonly payload?: PayloadKind
  /** The first 12 hex digits of the secret's fingerprint. */
  readonly fingerprint: string
}

const start = '[redacted:'
const shape = /^\[redacted:([a-z0-9-]{1,64}):([0-9a-f]{12})\]$/
const longest = start.length + 64 + 1 + 12 + 1
const kinds: ReadonlySet<string> = new Set(payloadKinds)

export function formatMask({ what, payload, fingerprint }: Mask): string {
  return `${start}${what}${payload === undefined ? '' : `--${payload}`}:${fingerprint}]`
}

/** The mask that `value` is, the whole of it. */
export function readMask(value: string): Mask | undefined {
  if (value.length > longest || !value.startsWith(start)) return undefined
  const found = shape.exec(value)
  if (found === null) return undefined
  const [, label = '', fingerprint = ''] = found
  const at = label.indexOf('--')
  const payload = at < 0 ? '' : label.slice(at + 2)
  return kinds.has(payload)
    ? { what: label.slice(0, at), payload: payload as PayloadKind, fingerprint }
    : { what: label, fingerprint }
}

export const isMask = (value: string): boolean =>
  value.length <= longest && value.startsWith(start) && shape.test(value)

/** The end of the mask that begins at `from`, or -1. */
export function maskEnd(text: string, from: number): number {
  if (!text.startsWith(start, from)) return -1
  const near = text.slice(from, from + longest)
  const close = near.indexOf(']')
  return close > 0 && shape.test(near.slice(0, close + 1)) ? from + close + 1 : -1
}
