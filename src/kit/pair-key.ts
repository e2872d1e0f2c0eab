const most = 16_384
const longest = 1_024

/**
 * `a`, a zero and `b` as one text, for keys that come again and again: the same pair gives the same text, which maps find without
 * putting it together and hashing it anew. Its parts come from traffic: the memory is emptied at 16,384 pairs, and
 * pairs of more than 1,024 characters are not kept.
 */
export function pairKeys(): (a: string, b: string) => string {
  let known = new Map<string, Map<string, string>>()
  let pairs = 0
  return (a, b) => {
    if (a.length + b.length > longest) return `${a}\0${b}`
    let inner = known.get(a)
    let key = inner?.get(b)
    if (key !== undefined) return key
    if (pairs >= most) {
      known = new Map()
      pairs = 0
      inner = undefined
    }
    if (inner === undefined) {
      inner = new Map()
      known.set(a, inner)
    }
    key = `${a}\0${b}`
    inner.set(b, key)
    pairs += 1
    return key
  }
}
