/**
 * Patterns of specifications, run on values that attackers write: by an automaton that looks at each character once
 * (Thompson 1968), never by an engine that goes back. Read are characters, classes, `.`, groups, alternatives, repetitions and
 * the anchors `^` and `$`; what looks around, refers back, or asks for word boundaries is not.
 */
export interface LinearPattern {
  /** Steps that a character of the value costs at most. */
  readonly states: number
  test(value: string): boolean
}

/** States after writing out counted repetitions, and characters of a pattern; a larger one is not checked. */
const mostStates = 512
const longest = 512
const deepest = 24

type Node =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean }
  | { readonly kind: 'start' | 'end' | 'nothing' }
  | { readonly kind: 'row' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

/** @returns The pattern, or a sentence that says why it is not checked. */
export function linearPattern(source: string): LinearPattern | string {
  if (source.length > longest) return `it is longer than ${longest} characters`
  try {
    new RegExp(source)
  } catch {
    return 'it is no regular expression'
  }
  try {
    return new Automaton(new Reader(source).pattern())
  } catch (error) {
    if (error instanceof Unchecked) return error.message
    throw error
  }
}

class Unchecked extends Error {}

class Reader {
  readonly #text: readonly string[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#text = [...source]
  }

  pattern(): Node {
    const node = this.#choice()
    if (this.#at < this.#text.length) throw new Unchecked('its groups do not close')
    return node
  }

  #choice(): Node {
    this.#depth += 1
    if (this.#depth > deepest) throw new Unchecked(`its groups nest deeper than ${deepest}`)
    const parts = [this.#row()]
    while (this.#text[this.#at] === '|') {
      this.#at += 1
      parts.push(this.#row())
    }
    this.#depth -= 1
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts }
  }

  #row(): Node {
    const parts: Node[] = []
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined || character === '|' || character === ')') break
      parts.push(this.#repeated(this.#atom()))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'row', parts }
  }

  #repeated(part: Node): Node {
    const character = this.#text[this.#at]
    let least: number
    let most: number
    if (character === '*' || character === '+' || character === '?') {
      least = character === '+' ? 1 : 0
      most = character === '?' ? 1 : Number.POSITIVE_INFINITY
      this.#at += 1
    } else if (character === '{') {
      const count = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#text.slice(this.#at, this.#at + 12).join(''))
      if (count === null) return part
      least = Number(count[1])
      most = count[2] === '' ? least : count[3] === '' ? Number.POSITIVE_INFINITY : Number(count[3])
      this.#at += count[0].length
    } else return part
    // Lazy or not, the same texts fit.
    if (this.#text[this.#at] === '?') this.#at += 1
    return { kind: 'repeat', part, least, most }
  }

  #atom(): Node {
    const character = this.#text[this.#at]!
    this.#at += 1
    switch (character) {
      case '^':
        return { kind: 'start' }
      case '$':
        return { kind: 'end' }
      case '.':
        return {
          kind: 'one',
          fits: one => one !== '\n' && one !== '\r' && one !== '\u2028' && one !== '\u2029',
        }
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '\\':
        return this.#escape()
      default:
        return { kind: 'one', fits: one => one === character }
    }
  }

  #group(): Node {
    if (this.#text[this.#at] === '?') {
      const next = this.#text[this.#at + 1]
      const after = this.#text[this.#at + 2]
      if (next === ':') this.#at += 2
      else if (next === '<' && after !== '=' && after !== '!')
        this.#at = this.#text.indexOf('>', this.#at) + 1
      else throw new Unchecked('it looks around, or sets flags')
    }
    const inner = this.#choice()
    if (this.#text[this.#at] !== ')') throw new Unchecked('its groups do not close')
    this.#at += 1
    return inner
  }

  /** A class is asked of one character alone: nothing to go back over. */
  #class(): Node {
    const from = this.#at - 1
    let at = this.#at
    while (at < this.#text.length && this.#text[at] !== ']') at += this.#text[at] === '\\' ? 2 : 1
    this.#at = at + 1
    return single(this.#text.slice(from, this.#at).join(''))
  }

  #escape(): Node {
    const character = this.#text[this.#at] ?? ''
    this.#at += 1
    if (/[1-9k]/.test(character)) throw new Unchecked('it refers back')
    if (character === 'b' || character === 'B') throw new Unchecked('it asks for word boundaries')
    if (/[dDwWsSnrtfv0]/.test(character)) return single(`\\${character}`)
    if (/[pPuxc]/.test(character)) {
      const rest = this.#text.slice(this.#at, this.#at + 48).join('')
      const form =
        character === 'p' || character === 'P'
          ? /^\{[A-Za-z_=]{1,40}\}/
          : character === 'u'
            ? /^(?:[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{1,6}\})/
            : character === 'x'
              ? /^[0-9A-Fa-f]{2}/
              : /^[A-Za-z]/
      const found = form.exec(rest)?.[0]
      if (found === undefined) throw new Unchecked(`it holds \\${character} in a form of its own`)
      this.#at += found.length
      return single(`\\${character}${found}`)
    }
    return { kind: 'one', fits: one => one === character }
  }
}

function single(source: string): Node {
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${source})$`, 'u')
  } catch {
    try {
      pattern = new RegExp(`^(?:${source})$`)
    } catch {
      throw new Unchecked('it holds a class of a form of its own')
    }
  }
  return { kind: 'one', fits: one => pattern.test(one) }
}

interface State {
  /** Undefined: passed without a character, where `when` allows it. */
  readonly fits: ((character: string) => boolean) | undefined
  readonly when: 'start' | 'end' | undefined
  readonly next: number[]
}

class Automaton implements LinearPattern {
  readonly #states: State[] = []
  readonly #first: number
  readonly #last: number
  /** Nodes written out: repeating nothing makes no states, but takes time all the same. */
  #built = 0

  constructor(pattern: Node) {
    this.#last = this.#add(undefined)
    this.#first = this.#build(pattern, this.#last)
  }

  get states(): number {
    return this.#states.length
  }

  #add(fits: State['fits'], next: readonly number[] = [], when?: State['when']): number {
    if (this.#states.length >= mostStates) throw new Unchecked('it counts too far')
    this.#states.push({ fits, when, next: [...next] })
    return this.#states.length - 1
  }

  /** @returns The state that the node begins at, when it goes on at `to`. */
  #build(node: Node, to: number): number {
    this.#built += 1
    if (this.#built > 4 * mostStates) throw new Unchecked('it counts too far')
    switch (node.kind) {
      case 'one':
        return this.#add(node.fits, [to])
      case 'start':
      case 'end':
        return this.#add(undefined, [to], node.kind)
      case 'nothing':
        return to
      case 'row': {
        let at = to
        for (let index = node.parts.length - 1; index >= 0; index -= 1)
          at = this.#build(node.parts[index]!, at)
        return at
      }
      case 'choice':
        return this.#add(
          undefined,
          node.parts.map(part => this.#build(part, to)),
        )
      case 'repeat':
        return this.#repeat(node.part, node.least, node.most, to)
    }
  }

  #repeat(part: Node, least: number, most: number, to: number): number {
    let at = to
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.#add(undefined, [to])
      this.#states[loop]!.next.push(this.#build(part, loop))
      at = loop
    } else {
      if (most > mostStates) throw new Unchecked('it counts too far')
      for (let count = least; count < most; count += 1) at = this.#add(undefined, [to, this.#build(part, at)])
    }
    if (least > mostStates) throw new Unchecked('it counts too far')
    for (let count = 0; count < least; count += 1) at = this.#build(part, at)
    return at
  }

  /** True where the pattern fits anywhere in the value, as JSON Schema has it. */
  test(value: string): boolean {
    const characters = [...value]
    const marks = new Int32Array(this.#states.length).fill(-1)
    let now: number[] = []
    let later: number[] = []
    for (let at = 0; at <= characters.length; at += 1) {
      // Also from here: the pattern need not begin with the value.
      if (this.#reach(this.#first, at, characters.length, marks, now)) return true
      if (at === characters.length) return false
      const character = characters[at]!
      later.length = 0
      for (const index of now) {
        const state = this.#states[index]!
        if (state.fits?.(character) !== true) continue
        for (const next of state.next)
          if (this.#reach(next, at + 1, characters.length, marks, later)) return true
      }
      ;[now, later] = [later, now]
    }
    return false
  }

  /** Adds the states that wait for a character, from one state on. True where the end is reached. */
  #reach(from: number, at: number, length: number, marks: Int32Array, into: number[]): boolean {
    const stack = [from]
    while (stack.length > 0) {
      const index = stack.pop()!
      if (marks[index] === at) continue
      marks[index] = at
      if (index === this.#last) return true
      const { fits, when, next } = this.#states[index]!
      if (fits !== undefined) into.push(index)
      else if (when === undefined || (when === 'start' ? at === 0 : at === length)) stack.push(...next)
    }
    return false
  }
}
