/** Characters of a route that is looked at; segments of a path are bounded elsewhere. */
export const maxRouteLength = 512

const notName = /[^\w.-]/g

/**
 * A framework's route as segments of a template: Express and Rails (`:id`, `(.:format)`), OpenAPI, Spring, ASP.NET and Chi (`{id}`,
 * `{id:[0-9]+}`), Flask (`<int:id>`), Next (`[id]`), Django's expressions (`^…(?P<id>\d+)…$`). Read in one pass.
 *
 * @returns The segments, or undefined for what no template can say: a rest of any length (`*path`, `**`, `<path:p>`, `[...slug]`), two
 * placeholders side by side, brackets that do not close, more than 512 characters
 */
export function routeSegments(route: string): readonly string[] | undefined {
  if (route.length > maxRouteLength) return undefined
  let text = route.trim()
  const space = text.indexOf(' ')
  if (space > 0 && /^[A-Z]{3,7}$/.test(text.slice(0, space))) text = text.slice(space + 1)
  if (text.startsWith('^')) text = text.slice(1)
  for (const end of ['$', '\\Z', '/?', '(.:format)', '(.{format})'])
    if (text.endsWith(end)) text = text.slice(0, -end.length)
  const segments: string[] = []
  for (const part of divided(text.startsWith('/') ? text.slice(1) : text)) {
    const segment = templateOf(part)
    if (segment === undefined) return undefined
    segments.push(segment)
  }
  return segments
}

const closing: Readonly<Record<string, string>> = { '{': '}', '<': '>', '[': ']', '(': ')' }

/** Where what begins at `from` ends, brackets of its own kind within counted; -1 where it does not. */
function endOf(text: string, from: number): number {
  const open = text[from]!
  const close = closing[open]!
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === open) depth += 1
    else if (text[at] === close) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return -1
}

/** Parts between slashes that stand in no bracket. Empty ones between others go, as in paths. */
function divided(text: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '/') {
      if (at > start) parts.push(text.slice(start, at))
      start = at + 1
    } else if (closing[text[at]!] !== undefined) {
      const end = endOf(text, at)
      if (end < 0) return [...parts, text.slice(start)]
      at = end
    }
  }
  return [...parts, text.slice(start)]
}

function templateOf(part: string): string | undefined {
  let template = ''
  const place = (name: string): boolean => {
    if (template.endsWith('}')) return false
    const clean = name.replace(notName, '').slice(0, 64)
    template += `{${/^[A-Za-z_]/.test(clean) ? clean : `value${clean}`}}`
    return true
  }
  for (let at = 0; at < part.length; at += 1) {
    const sign = part[at]!
    if (sign === '\\') {
      at += 1
      template += part[at] ?? ''
    } else if (sign === '*') return undefined
    else if (sign === ':' && !template.endsWith('}') && /[A-Za-z_]/.test(part[at + 1] ?? '')) {
      let end = at + 1
      while (end < part.length && /\w/.test(part[end]!)) end += 1
      if (!place(part.slice(at + 1, end))) return undefined
      if (part[end] === '(') {
        end = endOf(part, end) + 1
        if (end === 0) return undefined
      }
      if (part[end] === '+' || part[end] === '*') return undefined
      at = part[end] === '?' ? end : end - 1
    } else if (closing[sign] !== undefined) {
      const end = endOf(part, at)
      if (end < 0) return undefined
      const name = nameIn(sign, part.slice(at + 1, end))
      if (name === undefined || !place(name)) return undefined
      at = end
    } else if (sign === '}' || sign === ']' || sign === '>' || sign === ')') return undefined
    else template += sign
  }
  return template
}

/** The name within brackets; undefined for a rest of any length. */
function nameIn(open: string, inside: string): string | undefined {
  if (open === '<') {
    const colon = inside.indexOf(':')
    return inside.startsWith('path:') ? undefined : inside.slice(colon + 1)
  }
  if (open === '(') {
    const named = /^\?P?<(\w{1,64})>/.exec(inside)
    if ((named === null ? inside : inside.slice(named[0].length)).startsWith('.')) return undefined
    return named?.[1] ?? 'value'
  }
  const name = inside.split(/[:=?]/, 1)[0] ?? ''
  return /^[.[*]|[*+]$|^$/.test(name) ? undefined : name
}
