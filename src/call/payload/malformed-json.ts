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
