import { parseJson } from '../call/decode/json.ts'
import { stepsOf } from './fields.ts'

/** Deeper bodies are left to those who decode them. */
const maxLevels = 64

/** What is wanted of a value: it itself, members of it, elements of it. */
interface Wanted {
  /** Numbers of the paths that end here. */
  readonly ends: number[]
  readonly members: { readonly name: Uint8Array; readonly wanted: Wanted }[]
  element: Wanted | undefined
}

const nothing = (): Wanted => ({ ends: [], members: [], element: undefined })

/**
 * Reads the scalars at a few paths (`data.ownerId`, `items[].owner`) out of JSON text without making a value of all of it: what
 * `valuesAt` has of the decoded body, in a fraction of the time. Reads to the end, strictly; what it does not vouch for (no
 * JSON, a member twice, escapes in names, deep nesting) is left to decoding.
 */
export class JsonFields {
  readonly #paths: readonly string[]
  readonly #wanted: Wanted | undefined
  readonly #maxElements: number
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #found: string[][] = []

  /** @param maxElements of each list, as many as `valuesAt` looks at */
  constructor(paths: readonly string[], maxElements: number) {
    this.#paths = [...new Set(paths)]
    this.#maxElements = maxElements
    const root = nothing()
    this.#wanted = this.#paths.every((path, index) => place(root, path, index)) ? root : undefined
  }

  /** Values by path; undefined where the body has to be decoded to tell. */
  read(bytes: Uint8Array): ((path: string) => readonly string[]) | undefined {
    if (this.#paths.length === 0) return () => []
    const first = bytes[0]
    if (this.#wanted === undefined || (first !== 123 && first !== 91)) return undefined
    const found: string[][] = this.#paths.map(() => [])
    this.#bytes = bytes
    this.#at = 0
    this.#found = found
    const whole = this.#value(this.#wanted, 0) && this.#space() === -1
    this.#bytes = new Uint8Array(0)
    if (!whole) return undefined
    return path => found[this.#paths.indexOf(path)] ?? []
  }

  /** The byte after white space; -1 at the end. */
  #space(): number {
    const bytes = this.#bytes
    for (;;) {
      const code = bytes[this.#at]
      if (code === undefined) return -1
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code
      this.#at += 1
    }
  }

  /** Passes over a value; false where there is none, or none that it vouches for. */
  #value(wanted: Wanted | undefined, level: number): boolean {
    const code = this.#space()
    const start = this.#at
    switch (code) {
      case 123:
        return level < maxLevels && this.#object(wanted, level + 1)
      case 91:
        return level < maxLevels && this.#list(wanted?.element, level + 1)
      case 34:
        if (!this.#text()) return false
        break
      case 116:
        return this.#word('true')
      case 102:
        return this.#word('false')
      case 110:
        return this.#word('null')
      default:
        if (!this.#number()) return false
    }
    if (wanted === undefined || wanted.ends.length === 0) return true
    const value = parseJson(Buffer.from(this.#bytes.subarray(start, this.#at)).toString('utf8'))
    if (typeof value !== 'string' && typeof value !== 'number') return false
    for (const end of wanted.ends) this.#found[end]?.push(String(value))
    return true
  }

  #object(wanted: Wanted | undefined, level: number): boolean {
    const bytes = this.#bytes
    const members = wanted === undefined || wanted.members.length === 0 ? undefined : wanted.members
    let seen = 0
    this.#at += 1
    if (this.#space() === 125) {
      this.#at += 1
      return true
    }
    for (;;) {
      if (this.#space() !== 34) return false
      const start = this.#at + 1
      if (!this.#text()) return false
      let inner: Wanted | undefined
      if (members !== undefined) {
        const index = memberAt(members, bytes, start, this.#at - 1)
        if (index === -2) return false
        if (index >= 0) {
          // The last of two counts: that is for decoding to see.
          if ((seen & (1 << index)) !== 0) return false
          seen |= 1 << index
          inner = members[index]?.wanted
        }
      }
      if (this.#space() !== 58) return false
      this.#at += 1
      if (!this.#value(inner, level)) return false
      const next = this.#space()
      this.#at += 1
      if (next === 125) return true
      if (next !== 44) return false
    }
  }

  #list(element: Wanted | undefined, level: number): boolean {
    this.#at += 1
    if (this.#space() === 93) {
      this.#at += 1
      return true
    }
    for (let index = 0; ; index += 1) {
      if (!this.#value(index < this.#maxElements ? element : undefined, level)) return false
      const next = this.#space()
      this.#at += 1
      if (next === 93) return true
      if (next !== 44) return false
    }
  }

  #text(): boolean {
    const bytes = this.#bytes
    let at = this.#at + 1
    for (;;) {
      const code = bytes[at]
      if (code === undefined || code < 32) return false
      at += 1
      if (code === 34) break
      if (code !== 92) continue
      const escaped = bytes[at]
      at += 1
      if (escaped === 117) {
        for (let digit = 0; digit < 4; digit += 1) if (!isHex(bytes[at + digit])) return false
        at += 4
      } else if (escaped === undefined || !escapes.has(escaped)) return false
    }
    this.#at = at
    return true
  }

  #word(word: string): boolean {
    for (let index = 0; index < word.length; index += 1)
      if (this.#bytes[this.#at + index] !== word.charCodeAt(index)) return false
    this.#at += word.length
    return true
  }

  /** RFC 8259, section 6. */
  #number(): boolean {
    const bytes = this.#bytes
    if (bytes[this.#at] === 45) this.#at += 1
    if (bytes[this.#at] === 48) this.#at += 1
    else if (!this.#digits()) return false
    if (bytes[this.#at] === 46) {
      this.#at += 1
      if (!this.#digits()) return false
    }
    if (bytes[this.#at] !== 101 && bytes[this.#at] !== 69) return true
    this.#at += 1
    if (bytes[this.#at] === 43 || bytes[this.#at] === 45) this.#at += 1
    return this.#digits()
  }

  #digits(): boolean {
    const start = this.#at
    for (;;) {
      const code = this.#bytes[this.#at]
      if (code === undefined || code < 48 || code > 57) return this.#at > start
      this.#at += 1
    }
  }
}

/** `"`, `\`, `/`, b, f, n, r, t */
const escapes: ReadonlySet<number> = new Set([34, 92, 47, 98, 102, 110, 114, 116])

const isHex = (code: number | undefined): boolean =>
  code !== undefined &&
  ((code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102))

/** As many members of one object as there are bits to tell which were there. */
const maxMembers = 30

/** False where the path is of a form that is not read here. */
function place(root: Wanted, path: string, index: number): boolean {
  let node = root
  for (const [name, lists] of stepsOf(path)) {
    if (name === '') {
      if (node !== root || lists === 0) return false
    } else {
      const bytes = Buffer.from(name)
      if (bytes.some(code => code >= 128)) return false
      let member = node.members.find(one => bytes.equals(one.name))
      if (member === undefined) {
        if (node.members.length === maxMembers) return false
        member = { name: bytes, wanted: nothing() }
        node.members.push(member)
      }
      node = member.wanted
    }
    for (let list = 0; list < lists; list += 1) {
      node.element ??= nothing()
      node = node.element
    }
  }
  node.ends.push(index)
  return true
}

/** Which member the name in these bytes is; -1 of none, -2 of one that has to be decoded to tell. */
function memberAt(members: Wanted['members'], bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const code = bytes[at]!
    if (code === 92 || code >= 128) return -2
  }
  for (let index = 0; index < members.length; index += 1) {
    const { name } = members[index]!
    if (name.length !== end - start) continue
    let same = true
    for (let at = 0; same && at < name.length; at += 1) same = name[at] === bytes[start + at]
    if (same) return index
  }
  return -1
}
