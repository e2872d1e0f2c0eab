import type { HeaderPair } from '../gateway/header-pair.ts'

const name = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,128}$/
const barred = new Set([
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'keep-alive',
  'date',
])

/** Those of a verdict's headers that may stand in an answer: nothing that would split it or frame it anew. */
export const answerable = (headers: readonly HeaderPair[] | undefined): readonly HeaderPair[] =>
  (headers ?? []).filter(([key, value]) => name.test(key) && !barred.has(key) && isValue(value))

const isValue = (value: string): boolean => {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false
  }
  return true
}
