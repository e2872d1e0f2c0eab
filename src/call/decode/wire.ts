/** One field of a protobuf message as it stands on the wire, not yet interpreted. */
export interface WireField {
  readonly number: number
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly type: number
  /** Of a varint; beyond 2⁵³ it is rounded. 0 of the other types. */
  readonly value: number
  /** Where a length-delimited value begins, and ends; of the other types the bytes it takes. */
  readonly from: number
  readonly to: number
}

const highestField = 536_870_911

/**
 * The fields between two offsets in order (protobuf.dev, "Encoding"); undefined where it is no protobuf. At most `limit` of
 * them: with more it is undefined too.
 */
export function wireFields(
  bytes: Uint8Array,
  from: number,
  to: number,
  limit: number,
): readonly WireField[] | undefined {
  const fields: WireField[] = []
  let at = from
  while (at < to) {
    if (fields.length >= limit) return undefined
    const tag = varint(bytes, at, to)
    if (tag === undefined) return undefined
    const number = Math.floor(tag.value / 8)
    const type = tag.value % 8
    if (number < 1 || number > highestField) return undefined
    let value = 0
    let start = tag.next
    let end = start
    if (type === 0 || type === 2) {
      const read = varint(bytes, start, to)
      if (read === undefined) return undefined
      if (type === 0) {
        value = read.value
        end = read.next
      } else {
        start = read.next
        end = start + read.value
      }
    } else if (type === 1) end = start + 8
    else if (type === 5) end = start + 4
    else return undefined
    if (end > to) return undefined
    fields.push({ number, type, value, from: start, to: end })
    at = end
  }
  return fields
}

function varint(
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0
  let factor = 1
  for (let at = from; at < to && at < from + 10; at += 1) {
    const byte = bytes[at]!
    value += (byte & 127) * factor
    if (byte < 128) return { value, next: at + 1 }
    factor *= 128
  }
  return undefined
}
