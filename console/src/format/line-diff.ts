export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
  /** 1-based, of the text it stands in: the newer one, of what was removed the older one. */
  readonly line: number
}

/** Beyond this many lines on either side nothing is compared: all of the old goes, all of the new comes. */
const mostLines = 1_500

/** What changed from one text to the other, by the longest common subsequence of their lines. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  const [from, to] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const same = (text: string, line: number): DiffLine => ({ kind: 'same', text, line })
  return [
    ...b.slice(0, start).map((text, index) => same(text, index + 1)),
    ...middle(from, to, start),
    ...b.slice(b.length - end).map((text, index) => same(text, b.length - end + index + 1)),
  ]
}

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')

function middle(from: readonly string[], to: readonly string[], offset: number): readonly DiffLine[] {
  const removed = (index: number): DiffLine => ({
    kind: 'removed',
    text: from[index] ?? '',
    line: offset + index + 1,
  })
  const added = (index: number): DiffLine => ({
    kind: 'added',
    text: to[index] ?? '',
    line: offset + index + 1,
  })
  if (from.length > mostLines || to.length > mostLines)
    return [...from.keys().map(removed), ...to.keys().map(added)]
  const width = to.length + 1
  const common = new Uint16Array((from.length + 1) * width)
  for (let i = from.length - 1; i >= 0; i -= 1)
    for (let j = to.length - 1; j >= 0; j -= 1)
      common[i * width + j] =
        from[i] === to[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0)
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      lines.push({ kind: 'same', text: to[j] ?? '', line: offset + j + 1 })
      i += 1
      j += 1
    } else if (
      i < from.length &&
      (j >= to.length || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push(removed(i))
      i += 1
    } else {
      lines.push(added(j))
      j += 1
    }
  }
  return lines
}
