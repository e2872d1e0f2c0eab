/** Shannon entropy of a text's characters, bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) {
    const share = count / text.length
    bits -= share * Math.log2(share)
  }
  return bits
}

/** A word between separators: names of things, not random. */
const hasWord = /(?:^|[._-])[A-Za-z]?[a-z]{4,40}(?:[._-]|$)/
/** The same run together: `KeyMeshing`, `blindKeySignatures`. */
const hasJoinedWords = /(?:^|[._-])[a-z]{0,20}(?:[A-Z][a-z]{2,20}){2,6}(?:[._-]|$)/
const hex = /^[0-9a-fA-F]+$/

/**
 * At least twenty characters of one word, 3 bits a character for hexadecimal digits and 3.5 for more, with digits among
 * the letters: what a generator makes and a person does not write.
 */
export function looksRandom(text: string): boolean {
  if (text.length < 20 || !/^[\w+/=.~$!-]+$/.test(text) || isPlaceholder(text)) return false
  if (hasWord.test(text) || hasJoinedWords.test(text)) return false
  if (hex.test(text)) return /\d/.test(text) && entropyOf(text) >= 3
  return /\d/.test(text) && /[A-Za-z]/.test(text) && entropyOf(text) >= 3.5
}

/** What stands where a secret would: `EXAMPLE`, `your-token-here`, `xxxx`, `<token>`, `${TOKEN}`. */
export function isPlaceholder(text: string): boolean {
  return (
    /example|placeholder|redacted|changeme|change_me|your[_-]|_here\b|xxxx|\*\*\*|\.\.\.|insert|dummy|abcdefghijkl|123456789012/i.test(
      text,
    ) ||
    /[<>{}[\]]/.test(text) ||
    /(.)\1{9}/.test(text)
  )
}
