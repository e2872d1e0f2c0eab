/** Places looked at for references to other documents. */
const maxPlaces = 2_000_000

/** The first `count` targets of `$ref`s that lead out of the document. They are told, and never fetched. */
export function remoteReferences(root: unknown, count = 10): readonly string[] {
  const found = new Set<string>()
  const stack: unknown[] = [root]
  const seen = new Set<object>()
  for (let places = 0; places < maxPlaces && stack.length > 0 && found.size < count; places += 1) {
    const at = stack.pop()
    if (typeof at !== 'object' || at === null || seen.has(at)) continue
    seen.add(at)
    if (Array.isArray(at)) {
      for (const item of at) if (typeof item === 'object') stack.push(item)
      continue
    }
    for (const [key, value] of Object.entries(at)) {
      if (key === '$ref' && typeof value === 'string' && !value.startsWith('#')) found.add(value)
      else if (typeof value === 'object') stack.push(value)
    }
  }
  return [...found].sort()
}
