import { patternOf } from './facet.ts'

const maxPlaces = 2_000_000
/** What holds values and no schemas. */
const values: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum', 'const'])

/** The first `count` patterns of a document that are not checked, each with the reason. */
export function uncheckedPatterns(
  root: unknown,
  count = 10,
): readonly { readonly path: readonly string[]; readonly pattern: string; readonly reason: string }[] {
  const found: { path: readonly string[]; pattern: string; reason: string }[] = []
  interface Place {
    readonly at: object
    readonly key: string
    readonly above: Place | undefined
  }
  const stack: Place[] =
    typeof root === 'object' && root !== null ? [{ at: root, key: '', above: undefined }] : []
  const seen = new Set<object>()
  for (let places = 0; places < maxPlaces && stack.length > 0 && found.length < count; places += 1) {
    const place = stack.pop()!
    if (seen.has(place.at)) continue
    seen.add(place.at)
    for (const [key, value] of Object.entries(place.at)) {
      if (key === 'pattern' && typeof value === 'string') {
        const pattern = patternOf(value)
        if (typeof pattern === 'string' && !found.some(one => one.pattern === value))
          found.push({ path: [...pathOf(place), key], pattern: value, reason: pattern })
      } else if (typeof value === 'object' && value !== null && !values.has(key) && !key.startsWith('x-'))
        stack.push({ at: value as object, key, above: place })
    }
  }
  return found

  function pathOf(place: Place): readonly string[] {
    const path: string[] = []
    for (let at: Place | undefined = place; at?.above !== undefined; at = at.above) path.unshift(at.key)
    return path
  }
}
