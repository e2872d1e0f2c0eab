/** Characters of ASCII, a bit for each. */
type Characters = Int32Array

/** Which characters of ASCII occur in `text`, put into `into` (four words). */
export function charactersOf(text: string, into: Int32Array): void {
  let low = 0
  let signs = 0
  let upper = 0
  let lower = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const bit = 1 << (code & 31)
    if (code >= 96) {
      if (code < 128) lower |= bit
    } else if (code >= 64) upper |= bit
    else if (code >= 32) signs |= bit
    else low |= bit
  }
  into[0] = low
  into[1] = signs
  into[2] = upper
  into[3] = lower
}

/**
 * What a text must hold for a regular expression to match anywhere in it: of each of a few sets of characters at least one. Told from the
 * expression's source; a text that lacks any need not be searched. Read are the forms of JavaScript without the flags `u` and `v`; where one
 * is not understood, nothing is required.
 */
export class RequiredCharacters {
  /** Four words for each set. */
  readonly #sets: Int32Array

  constructor(pattern: RegExp) {
    const sets = new Reader(pattern).sets()
    this.#sets = new Int32Array(sets.length * 4)
    for (const [index, set] of sets.entries()) this.#sets.set(set, index * 4)
  }

  /** How many sets there are; none means that every text has to be searched. */
  get count(): number {
    return this.#sets.length / 4
  }

  /** @param present as `charactersOf` gives them */
  mayBeIn(present: Int32Array): boolean {
    const sets = this.#sets
    for (let at = 0; at < sets.length; at += 4) {
      const common =
        (sets[at]! & present[0]!) |
        (sets[at + 1]! & present[1]!) |
        (sets[at + 2]! & present[2]!) |
        (sets[at + 3]! & present[3]!)
      if (common === 0) return false
    }
    return true
  }
}

const mostSets = 6

/** The more usual the characters of a set, the less a text without them tells; beyond this it is not worth asking. */
const mostUsual = 160
const usual = new Uint8Array(128).fill(1)
for (let code = 48; code < 58; code += 1) usual[code] = 5
for (let code = 65; code < 91; code += 1) usual[code] = 4
for (let code = 97; code < 123; code += 1) usual[code] = 10
for (const rare of 'jkqvwxzJKQVWXZ') usual[rare.charCodeAt(0)] = 3
for (const [sign, weight] of [
  [' ', 20],
  ['.', 6],
  [',', 6],
  ['-', 4],
  [':', 3],
  ["'", 3],
  ['/', 3],
  ['_', 2],
] as const)
  usual[sign.charCodeAt(0)] = weight

function usualnessOf(set: Characters): number {
  let sum = 0
  for (let code = 0; code < 128; code += 1) if ((set[code >> 5]! >>> (code & 31)) & 1) sum += usual[code]!
  return sum
}

/** Undefined stands for what need not be of ASCII. */
type Atom = Characters | undefined

class NotRead extends Error {}

class Reader {
  readonly #source: string
  readonly #ignoreCase: boolean
  readonly #read: boolean
  #at = 0

  constructor({ source, flags }: RegExp) {
    this.#source = source
    this.#ignoreCase = flags.includes('i')
    this.#read = !flags.includes('v') && !flags.includes('u')
  }

  /** The rarest sets, of each of which a match holds a character. */
  sets(): readonly Characters[] {
    if (!this.#read) return []
    try {
      const sets = this.#choice()
      if (this.#at < this.#source.length) return []
      return rarest(sets, mostSets)
    } catch (error) {
      if (error instanceof NotRead) return []
      throw error
    }
  }

  #choice(): readonly Characters[] {
    const choices = [this.#row()]
    while (this.#source[this.#at] === '|') {
      this.#at += 1
      choices.push(this.#row())
    }
    if (choices.length === 1) return choices[0]!
    // Whichever is taken: of each the rarest, together.
    const together = new Int32Array(4)
    for (const choice of choices) {
      const [best] = rarest(choice, 1)
      if (best === undefined) return []
      for (let word = 0; word < 4; word += 1) together[word] = together[word]! | best[word]!
    }
    return [together]
  }

  #row(): readonly Characters[] {
    const sets: Characters[] = []
    while (
      this.#at < this.#source.length &&
      this.#source[this.#at] !== '|' &&
      this.#source[this.#at] !== ')'
    ) {
      const found = this.#atom()
      if (!this.#isOptional()) sets.push(...found)
    }
    return sets
  }

  /** Reads past what is said of how often; true where that may be never. */
  #isOptional(): boolean {
    const counted = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at, this.#at + 24))
    if (counted === null) return false
    this.#at += counted[0].length
    const sign = counted[0][0]
    return sign === '*' || sign === '?' || (sign === '{' && Number(counted[1]) === 0)
  }

  #atom(): readonly Characters[] {
    const character = this.#source[this.#at]!
    this.#at += 1
    if (character === '(') return this.#group()
    if (character === '[') return asSets(this.#class())
    if (character === '\\') return asSets(this.#escape(false))
    if (character === '.' || character === '^' || character === '$') return []
    return asSets(this.#one(character.charCodeAt(0)))
  }

  #group(): readonly Characters[] {
    const kind = /^\?(?::|[=!]|<[=!]|<\w+>)/.exec(this.#source.slice(this.#at, this.#at + 64))?.[0]
    if (kind === undefined && this.#source[this.#at] === '?') throw new NotRead()
    this.#at += kind?.length ?? 0
    const sets = this.#choice()
    if (this.#source[this.#at] !== ')') throw new NotRead()
    this.#at += 1
    return kind?.endsWith('=') === true || kind?.endsWith('!') === true ? [] : sets
  }

  #class(): Atom {
    const negated = this.#source[this.#at] === '^'
    if (negated) this.#at += 1
    let all: Atom = new Int32Array(4)
    for (;;) {
      const from = this.#member()
      if (from === 'end') break
      let set: Atom = from.set
      if (from.code !== undefined && this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']') {
        this.#at += 1
        const to = this.#member()
        if (to === 'end' || to.code === undefined) throw new NotRead()
        set = this.#range(from.code, to.code)
      }
      all = all === undefined || set === undefined ? undefined : union(all, set)
    }
    return negated ? undefined : all
  }

  /** One character of a class, or several that an escape stands for. */
  #member(): { readonly set: Atom; readonly code: number | undefined } | 'end' {
    const character = this.#source[this.#at]
    if (character === undefined) throw new NotRead()
    this.#at += 1
    if (character === ']') return 'end'
    if (character !== '\\') {
      const code = character.charCodeAt(0)
      return { set: this.#one(code), code }
    }
    const begun = this.#at
    const set = this.#escape(true)
    const letter = this.#source[begun]!
    return { set, code: 'dDwWsS'.includes(letter) ? undefined : this.#codeOf(begun) }
  }

  #range(from: number, to: number): Atom {
    if (to > 127) return undefined
    let set: Characters = new Int32Array(4)
    for (let code = from; code <= to; code += 1) set = union(set, this.#one(code) ?? set)
    return set
  }

  /** What the escape behind a backslash stands for; reads past it. */
  #escape(inClass: boolean): Atom {
    const letter = this.#source[this.#at]
    if (letter === undefined) throw new NotRead()
    if (letter === 'd' || letter === 'w') {
      this.#at += 1
      const digits = this.#range(48, 57)!
      if (letter === 'd') return digits
      return union(union(digits, this.#range(97, 122)!), union(this.#range(65, 90)!, this.#range(95, 95)!))
    }
    if ('DWSs'.includes(letter)) {
      this.#at += 1
      return undefined
    }
    if (!inClass && 'bB'.includes(letter)) {
      this.#at += 1
      return undefined
    }
    // References to groups, and what no pattern here uses.
    if ('123456789kcpP'.includes(letter)) throw new NotRead()
    const code = this.#codeOf(this.#at)
    this.#at += letter === 'x' ? 3 : letter === 'u' ? 5 : 1
    return this.#one(code)
  }

  #codeOf(at: number): number {
    const letter = this.#source[at]!
    if (letter === 'x' || letter === 'u') {
      const digits = this.#source.slice(at + 1, at + (letter === 'x' ? 3 : 5))
      if (!/^[\da-f]+$/i.test(digits)) throw new NotRead()
      return Number.parseInt(digits, 16)
    }
    const control = 'tnvfr'.indexOf(letter)
    if (control >= 0) return [9, 10, 11, 12, 13][control]!
    if (letter === '0') return 0
    return letter === 'b' ? 8 : letter.charCodeAt(0)
  }

  #one(code: number): Atom {
    if (code > 127) return undefined
    const set = new Int32Array(4)
    set[code >> 5] = 1 << (code & 31)
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
    if (this.#ignoreCase && isLetter) {
      const other = code ^ 32
      set[other >> 5] = set[other >> 5]! | (1 << (other & 31))
    }
    return set
  }
}

const asSets = (atom: Atom): readonly Characters[] => (atom === undefined ? [] : [atom])

const union = (a: Characters, b: Characters): Characters => a.map((word, index) => word | b[index]!)

function rarest(sets: readonly Characters[], most: number): readonly Characters[] {
  const weighed = sets
    .map(set => ({ set, weight: usualnessOf(set), key: set.join() }))
    .filter(({ weight }) => weight <= mostUsual)
    .sort((a, b) => a.weight - b.weight)
  return [...new Map(weighed.map(one => [one.key, one.set])).values()].slice(0, most)
}
