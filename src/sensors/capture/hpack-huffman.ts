/**
 * Lengths in bits of the codes of RFC 7541, appendix B, for the bytes 0 to 255 and the end of string: the codes are canonical, so that
 * their lengths say all.
 */
const lengths = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  [28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  [20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  [24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  [22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  [21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  [19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  [20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  [26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  [30],
].flat()

const endOfString = 256
/** No padding is longer (RFC 7541 §5.2). */
const mostPadding = 7

/** Of each length the first code and the place of its symbol among all, shortest code first. */
const firstCode = new Array<number>(32).fill(0)
const firstPlace = new Array<number>(32).fill(0)
const count = new Array<number>(32).fill(0)
for (const length of lengths) count[length]! += 1
const symbols = Array.from(lengths.keys()).sort((a, b) => lengths[a]! - lengths[b]! || a - b)
for (let length = 1, code = 0, place = 0; length < 32; length += 1) {
  code <<= 1
  firstCode[length] = code
  firstPlace[length] = place
  code += count[length]!
  place += count[length]!
}

/** The text of a Huffman-coded string; undefined where the coding is broken. One byte gives at most 1.6 characters. */
export function huffmanText(bytes: Uint8Array): string | undefined {
  const decoded = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / 5))
  let size = 0
  let code = 0
  let length = 0
  let ones = true
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const value = (byte >> bit) & 1
      if (value === 0) ones = false
      code = (code << 1) | value
      length += 1
      const place = code - firstCode[length]!
      if (place >= 0 && place < count[length]!) {
        const symbol = symbols[firstPlace[length]! + place]!
        if (symbol === endOfString) return undefined
        decoded[size] = symbol
        size += 1
        code = 0
        length = 0
        ones = true
      } else if (length >= 30) return undefined
    }
  }
  return length > mostPadding || !ones ? undefined : decoded.toString('latin1', 0, size)
}
