const mostTexts = 256

/** The texts in double quotes of what was meant as JSON and cannot be read as such: without escapes undone, at most 256. Linear. */
export function quotedTexts(text: string): readonly string[] {
  const texts: string[] = []
  let start = text.indexOf('"')
  while (start >= 0 && texts.length < mostTexts) {
    let end = start + 1
    while (end < text.length && text.charCodeAt(end) !== 34) end += text.charCodeAt(end) === 92 ? 2 : 1
    if (end >= text.length) break
    if (end > start + 1) texts.push(text.slice(start + 1, end))
    start = text.indexOf('"', end + 1)
  }
  return texts
}

/** `"name": "value"` and `"name": 12` in what was meant as JSON, at most 64, the first 16 kB. Linear. */
export function quotedPairs(text: string): readonly (readonly [name: string, value: string])[] {
  const first = text.trimStart().charCodeAt(0)
  if (first !== 123 && first !== 91) return []
  const pairs: (readonly [string, string])[] = []
  for (const found of text
    .slice(0, 16_384)
    .matchAll(/([\w-]{1,64})"\s?:\s?(?:"([^"]{0,512})"|([\w.+-]{1,64}))/g)) {
    // Where the closing quote is what is missing, the separator is no part of the value.
    pairs.push([found[1]!, (found[2] ?? found[3] ?? '').replace(/[;,]\s{0,4}$/, '')])
    if (pairs.length >= 64) break
  }
  return pairs
}
