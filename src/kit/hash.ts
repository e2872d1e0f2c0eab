import { createHash } from 'node:crypto'

/** A short stable id from its parts: the first `length` hex digits of SHA-256 over the parts, unambiguously joined. */
export function stableHash(parts: readonly (string | number)[], length = 16): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${String(part).length}:${part}\0`)
  return hash.digest('hex').slice(0, length)
}

/** FNV-1a, 32 bit, over UTF-16 units: for tables and sampling, never for security. */
export function fnv1a(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** Spreads the bits of a 32-bit number over all 32: the finalizer of MurmurHash3 (Appleby, public domain). A bijection. */
export function mix32(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A well spread 32-bit hash of a text, for sketches and sets. `seed` gives independent ones. Never for security. */
export const hash32 = (text: string, seed = 0): number => mix32(fnv1a(text, (0x811c9dc5 ^ mix32(seed)) >>> 0))
