const most = 16_384

/**
 * `a`, a zero and `b` as one text, for keys that come again and again: the same pair gives the same text, which maps find without
 * putting it together and hashing it anew. Its parts come from traffic: the memory is emptied at 16,384 pairs.
 */
export function pairKeys(): (a: string, b: string) => string {
  let known = new Map<string, Map<string, string>>()
  let pairs = 0
  return (a, b) => {
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
