import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Control } from './control.ts'

/** What control hands to decision points: what they obey, by whom and when it was said. Plain data. */
export interface SealedBundle {
  readonly format: 'sallyport-bundle/1'
  /** Rises with each hand-out, also over restarts. */
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  /** SHA-256 of the payload, hex. */
  readonly hash: string
  /** JSON of `Control` without its version. */
  readonly payload: string
  /** Ed25519 over format, version, time and hash; base64. */
  readonly signature: string
}

export interface OpenedBundle {
  readonly control: Control
  readonly issuedAt: number
  readonly hash: string
}

const format = 'sallyport-bundle/1'
/** Longest payload that is read, in characters: a thousand policies of the longest kind are far below. */
const maxPayload = 64 * 1024 * 1024

/** @param key Ed25519, private */
export function sealBundle({ version, ...content }: Control, issuedAt: number, key: KeyObject): SealedBundle {
  const payload = JSON.stringify(content)
  const hash = createHash('sha256').update(payload).digest('hex')
  const signature = sign(null, signedBytes(version, issuedAt, hash), key).toString('base64')
  return { format, version, issuedAt, hash, payload, signature }
}

/**
 * What the bundle says, when it is whole and signed with the key; else why it is refused. Never throws.
 *
 * @param key Ed25519, public, as PEM.
 */
export function openBundle(bundle: unknown, key: string): OpenedBundle | { readonly refused: string } {
  if (!isBundle(bundle)) return { refused: 'it is no bundle' }
  const { version, issuedAt, hash, payload, signature } = bundle
  if (payload.length > maxPayload) return { refused: 'it is too long' }
  if (createHash('sha256').update(payload).digest('hex') !== hash)
    return { refused: 'its content is not what its hash says' }
  try {
    const isSigned = verify(
      null,
      signedBytes(version, issuedAt, hash),
      createPublicKey(key),
      Buffer.from(signature, 'base64'),
    )
    if (!isSigned) return { refused: 'it is not signed by this installation' }
    return { control: { version, ...(JSON.parse(payload) as Omit<Control, 'version'>) }, issuedAt, hash }
  } catch {
    return { refused: 'its signature cannot be checked' }
  }
}

const signedBytes = (version: number, issuedAt: number, hash: string): Buffer =>
  Buffer.from(`${format}\n${version}\n${issuedAt}\n${hash}`)

function isBundle(value: unknown): value is SealedBundle {
  if (typeof value !== 'object' || value === null) return false
  const one = value as Partial<Record<keyof SealedBundle, unknown>>
  return (
    one.format === format &&
    Number.isSafeInteger(one.version) &&
    typeof one.issuedAt === 'number' &&
    Number.isFinite(one.issuedAt) &&
    typeof one.hash === 'string' &&
    typeof one.payload === 'string' &&
    typeof one.signature === 'string'
  )
}
