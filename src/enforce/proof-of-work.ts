import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Where a solution comes back. */
export const proofHeader = 'x-sallyport-proof'

/** What a proof is made for. */
export interface ProofBinding {
  readonly policy: string
  readonly principal: string
}

const base64url = /^[\w-]{1,200}$/
/** A nonce is text of the client's choosing. */
const nonce = /^[\w-]{1,64}$/

/**
 * Challenges that cost a caller some hashing and the server one HMAC, without anything being kept: a challenge carries its end, its
 * difficulty and the seal over both, its policy and its principal. Who finds a nonce such that SHA-256 of `<challenge>.<nonce>` begins with
 * `difficulty` zero bits sends `x-sallyport-proof: <challenge>.<nonce>`, and passes until the challenge ends. A solution can be used by
 * its principal as often as it likes in that time, by nobody else, and for no other policy.
 */
export class ProofOfWork {
  readonly #key: Uint8Array

  /** @param key shared by all decision points of a system: what one hands out another accepts */
  constructor(key: Uint8Array) {
    this.#key = createHmac('sha256', key).update('sallyport proof of work').digest()
  }

  /** @param now milliseconds */
  challenge(binding: ProofBinding, difficulty: number, ttlSeconds: number, now: number): string {
    const until = Math.floor(now / 1000) + ttlSeconds
    const head = `${until.toString(36)}-${difficulty.toString(36)}`
    return `${head}-${this.#seal(head, binding)}`
  }

  /** Whether the header's value solves a challenge that was given for this binding, of at least this difficulty, and has not ended. */
  holds(proof: string | undefined, binding: ProofBinding, difficulty: number, now: number): boolean {
    if (proof === undefined || proof.length > 300) return false
    const dot = proof.lastIndexOf('.')
    const challenge = proof.slice(0, Math.max(dot, 0))
    if (!base64url.test(challenge) || !nonce.test(proof.slice(dot + 1))) return false
    const [until = '', bits = ''] = challenge.split('-', 2)
    const head = `${until}-${bits}`
    const seal = Buffer.from(challenge.slice(head.length + 1))
    const expected = Buffer.from(this.#seal(head, binding))
    if (seal.length !== expected.length || !timingSafeEqual(seal, expected)) return false
    if (Number.parseInt(until, 36) * 1000 <= now || Number.parseInt(bits, 36) < difficulty) return false
    return leadingZeroBits(createHash('sha256').update(proof).digest()) >= difficulty
  }

  #seal(head: string, { policy, principal }: ProofBinding): string {
    return createHmac('sha256', this.#key)
      .update(`${head}\0${policy}\0${principal}`)
      .digest('base64url')
      .slice(0, 32)
  }
}

export function leadingZeroBits(digest: Uint8Array): number {
  let bits = 0
  for (const byte of digest) {
    if (byte === 0) {
      bits += 8
      continue
    }
    return bits + Math.clz32(byte) - 24
  }
  return bits
}
