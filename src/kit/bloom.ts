import { mix32 } from './hash.ts'

/** Four probes: near the best for 8 to 12 bits a member. */
const probes = 4

/**
 * A Bloom filter (Bloom 1970) in a stretch of somebody's words: whether it may hold a 32-bit member. It never denies one it holds; with
 * 10 bits a member about one stranger in a hundred is taken for one.
 *
 * @param size words of the filter, a power of two, at most 2²⁷
 */
export function inBloom(words: Uint32Array, start: number, size: number, member: number): boolean {
  let hash = mix32(member ^ 0x5bd1e995)
  for (let probe = 0; probe < probes; probe += 1) {
    if (((words[start + ((hash >>> 5) & (size - 1))] ?? 0) & (1 << (hash & 31))) === 0) return false
    hash = mix32(hash + 0x9e3779b9)
  }
  return true
}

export function intoBloom(words: Uint32Array, start: number, size: number, member: number): void {
  let hash = mix32(member ^ 0x5bd1e995)
  for (let probe = 0; probe < probes; probe += 1) {
    const at = start + ((hash >>> 5) & (size - 1))
    words[at] = (words[at] ?? 0) | (1 << (hash & 31))
    hash = mix32(hash + 0x9e3779b9)
  }
}
