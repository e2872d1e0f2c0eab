/**
 * What a shell leaves out of a word: quotes, backslashes, carets, empty expansions (`$@`, `$!`, `${x}` of one letter, `` `` ``, `$()`), and
 * variables of one letter, which are hardly ever set.
 */
const empty =
  /['"\\^]|\$[@*!?\-_$#](?![(\w])|\$[@*!?\-_$#](?=[a-z/])|\$\{[a-z@*!?#]?\}|``|\$\(\)|\$[a-z](?![a-z0-9_([.])/g

/** The text as the shell would read it. Linear. */
export const withoutSplices = (text: string): string => text.replace(empty, '')

const assignment = /(?:^|[;&|\s\n])([a-z_]\w{0,15})=(?!=)/g
const mostAssignments = 32

/** `a=cat;b=/etc/passwd;$a $b`: a name is set, and then stands where a program or its argument would. */
export function splicesVariables(lower: string): boolean {
  if (!lower.includes('$')) return false
  let tried = 0
  for (const found of lower.matchAll(assignment)) {
    tried += 1
    if (tried > mostAssignments) return false
    const from = found.index + found[0].length
    const separator = lower.slice(from, from + 64).search(/[;&|\n]/)
    if (separator < 0) continue
    const name = found[1]!
    const rest = lower.slice(from + separator)
    for (const use of [`$${name}`, `\${${name}}`]) {
      const at = rest.indexOf(use)
      if (at >= 0 && (use.endsWith('}') || !/\w/.test(rest[at + use.length] ?? ' '))) return true
    }
  }
  return false
}

const roots = ['bin', 'sbin', 'usr', 'etc', 'dev', 'proc', 'home', 'var', 'tmp', 'root', 'opt', 'sys', 'lib']
const longestSegment = 24
const mostPaths = 8

/** Is the letter among `abc` or `a-c`? */
const inClass = (members: string, letter: string): boolean =>
  members.includes(letter) ||
  [...members.matchAll(/(\w)-(\w)/g)].some(([, low, high]) => low! <= letter && letter <= high!)

/** Does the pattern of a shell (`?`, `*`, `[…]`) fit the name? */
function fits(pattern: string, name: string): boolean {
  // Positions of the name that the pattern read so far can end at.
  let ends = new Set([0])
  for (let index = 0; index < pattern.length; index += 1) {
    const sign = pattern[index]!
    const next = new Set<number>()
    if (sign === '*') {
      for (const end of ends) for (let to = end; to <= name.length; to += 1) next.add(to)
    } else {
      let close = index
      if (sign === '[') {
        close = pattern.indexOf(']', index + 2)
        if (close < 0) return false
      }
      const members = sign === '[' ? pattern.slice(index + 1, close) : sign
      const negated = members.length > 1 && /^[!^]/.test(members)
      for (const end of ends) {
        const letter = name[end]
        if (letter === undefined) continue
        const within = sign === '?' || (sign === '[' ? inClass(members, letter) : sign === letter)
        if (within !== negated) next.add(end + 1)
      }
      index = close
    }
    ends = next
    if (ends.size === 0) return false
  }
  return ends.has(name.length)
}

/** `/b?n/c?t`, `/e??/pas[s]wd`: a path below one of the system's directories, written as a pattern. */
export function hasGlobbedPath(lower: string): boolean {
  if (!lower.includes('/') || !/[?*[]/.test(lower)) return false
  let tried = 0
  for (const found of lower.matchAll(/(?:^|[\s;|&=,{(`'"])\/([^\s;|&<>,'"`]{3,96})/g)) {
    tried += 1
    if (tried > mostPaths) return false
    const path = found[1]!
    if (!/[?*[]/.test(path) || path.includes('://') || path.includes('=')) continue
    // `/*` and `*/` are comments, `?` at the end begins a query.
    if (path.startsWith('*') || /^[^?*[]*[?*]?$/.test(path)) continue
    const slash = path.replace(/\[[^\]]{0,16}\]/g, piece => piece.replaceAll('/', '_')).indexOf('/')
    const first = slash < 0 ? (path.includes('[') ? path : '') : path.slice(0, slash)
    if (first === '' || first.length > longestSegment) continue
    const pattern = first.replace(
      /\[([^\]]{1,16})\]/g,
      (_, members: string) => `[${members.replaceAll('/', '')}]`,
    )
    if (roots.some(root => fits(pattern, root))) return true
  }
  return false
}
