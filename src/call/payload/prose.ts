const mostWords = 64
const mostScanned = 512
/** Words behind each other that make a sentence. */
const sentence = 5
/** Words of statements: what runs on behind them is no sentence for that. */
const statement =
  /^\W?(?:select|union|from|where|having|insert|into|delete|drop|limit|by|exec|execute|null|values|when|then|else|end)\W?$/i

/**
 * Does the text read like sentences: at least five words between spaces, and three in four of them letters alone (a mark of punctuation at
 * either end aside)? What only might be code is none in there. Reads 64 words at most.
 */
export function isProse(text: string): boolean {
  let words = 0
  let plain = 0
  let index = 0
  while (index < text.length && words < mostWords) {
    while (index < text.length && text.charCodeAt(index) <= 32) index += 1
    const start = index
    while (index < text.length && text.charCodeAt(index) > 32) index += 1
    if (index === start) break
    words += 1
    if (isWord(text, start, index)) plain += 1
  }
  return words >= 5 && plain >= words * 0.75
}

/**
 * Does the text hold a sentence, whatever else it quotes: five words of letters behind each other, none of them a statement's? Reads 512
 * words at most.
 */
export function holdsSentence(text: string): boolean {
  let run = 0
  let words = 0
  let index = 0
  while (index < text.length && words < mostScanned) {
    while (index < text.length && text.charCodeAt(index) <= 32) index += 1
    const start = index
    while (index < text.length && text.charCodeAt(index) > 32) index += 1
    if (index === start) break
    words += 1
    run = isWord(text, start, index) && !statement.test(text.slice(start, index)) ? run + 1 : 0
    if (run >= sentence) return true
  }
  return false
}

const codesOf = (signs: string): ReadonlySet<number> => new Set([...signs].map(sign => sign.charCodeAt(0)))
const opening = codesOf('("\'“„«‘*_¿¡`')
const closing = codesOf('.,;:!?)"\'”“»’…*_`')
const joints = codesOf("'-’")

const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code > 0xbf

function isWord(text: string, from: number, to: number): boolean {
  let start = from
  let end = to
  const first = text.charCodeAt(start)
  // Most begin with a letter.
  if (!(first < 128 && isLetter(first)) && opening.has(first)) start += 1
  while (end > start && end > to - 3 && closing.has(text.charCodeAt(end - 1))) end -= 1
  if (end - start > 32) return false
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index)
    if (isLetter(code)) continue
    if (index === start || index === end - 1 || !joints.has(code)) return false
  }
  return end > start
}
