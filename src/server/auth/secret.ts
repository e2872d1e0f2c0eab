import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret: SHA-256, hex. Enough for random secrets; passwords are not among them. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** A new secret of 256 random bits, URL-safe, with a prefix that secret scanners can know it by. */
export const newSecret = (prefix: string): string => prefix + randomBytes(32).toString('base64url')

/** Compares two hashes in time that does not depend on where they differ. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
