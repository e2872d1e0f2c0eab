import { lineRecords, type Piece } from './records.ts'

const separator = /^---(?:[ \t]|$)/
const meaningful = /^[ \t]*[^#\s]/

/**
 * The documents of a YAML stream by number, found by their separators as the bytes come: a broken one spoils itself alone. Ones that
 * hold only comments are counted, not given. A document is never held beyond `bound` bytes.
 */
export async function* yamlRecords(chunks: AsyncIterable<Uint8Array>, bound: number): AsyncGenerator<Piece> {
  let lines: string[] = []
  let bytes = 0
  let over = false
  let said = false
  let position = 0
  const finish = (): Piece | undefined => {
    const piece = over
      ? { position, problem: `The document is longer than ${bound} bytes.` }
      : said
        ? { position, text: lines.join('\n') }
        : undefined
    lines = []
    bytes = 0
    over = false
    said = false
    return piece
  }
  for await (const line of lineRecords(chunks, bound)) {
    if (!('text' in line)) {
      over = true
      if (position === 0) position = 1
      continue
    }
    const { text } = line
    if (separator.test(text) || text === '...') {
      const piece = finish()
      if (piece !== undefined) yield piece
      // What stands before the first separator is a document only if it says something.
      if (text !== '...') position += 1
      const rest = text.slice(3).trim()
      if (rest === '' || rest.startsWith('#')) continue
      lines.push(rest)
      said = true
      continue
    }
    if (position === 0 && meaningful.test(text)) position = 1
    bytes += text.length + 1
    if (bytes > bound) over = true
    if (over) {
      lines = []
      continue
    }
    if (!said && meaningful.test(text)) said = true
    lines.push(text)
  }
  const piece = finish()
  if (piece !== undefined) yield piece
}
