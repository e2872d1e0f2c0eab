/** Bounds on a path that is looked at segment by segment; beyond them it is the bucket `/{other}`. */
export const maxPathLength = 2048
export const maxSegments = 32

/**
 * The decoded segments of a path, or undefined beyond the bounds. Repeated slashes collapse, matrix parameters
 * (`;a=b`) go, a trailing slash stays as an empty last segment. `/` is one empty segment.
 */
export function splitPath(path: string): string[] | undefined {
  const length = path.length
  if (length > maxPathLength) return undefined
  const segments: string[] = []
  let start = path.charCodeAt(0) === slash ? 1 : 0
  while (start <= length) {
    let end = path.indexOf('/', start)
    if (end < 0) end = length
    if (end > start) {
      if (segments.length === maxSegments) return undefined
      segments.push(cleanSegment(path.slice(start, end)))
    } else if (end === length) {
      segments.push('')
    }
    start = end + 1
  }
  return segments
}

const slash = 47

/** One segment, decoded once. What cannot be decoded, or would then read as structure, stays as sent. */
export function cleanSegment(raw: string): string {
  let text = raw
  const matrix = text.indexOf(';')
  if (matrix > 0) text = text.slice(0, matrix)
  if (text.includes('%')) {
    try {
      const decoded = decodeURIComponent(text)
      if (!readsAsStructure(decoded)) text = decoded
    } catch {
      // Not UTF-8: kept as sent.
    }
  }
  // Braces mark placeholders in a template; in traffic they are only text.
  if (text.includes('{') || text.includes('}')) text = text.replaceAll('{', '%7B').replaceAll('}', '%7D')
  // A number sign marks an operation in an endpoint's id.
  return text.includes('#') ? text.replaceAll('#', '%23') : text
}

/** A slash or a control character: decoded, it would change what the path means. */
function readsAsStructure(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 32 || code === 127 || code === slash) return true
  }
  return false
}
