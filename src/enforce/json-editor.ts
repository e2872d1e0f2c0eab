import { anyStep, type PointerStep } from '../policy/json-pointer.ts'

/** What happens to a value: `mask` keeps its type (text becomes `***`, a number 0, true false), `remove` takes its member or element out. */
export interface JsonEdit {
  readonly steps: readonly PointerStep[]
  readonly does: 'mask' | 'remove'
}

interface EditNode {
  readonly named: Map<string, EditNode>
  any: EditNode | undefined
  does: JsonEdit['does'] | undefined
}
const node = (): EditNode => ({ named: new Map(), any: undefined, does: undefined })

/** Levels of nesting that are followed. */
const maxDepth = 256

/**
 * The text with the edits made, and how many values they changed. Everything else stands as it was written: numbers of any length, the
 * order of members, members of the same name (each is edited). Undefined where the text is no JSON or is nested deeper than 256 levels.
 */
export function editJson(
  text: string,
  edits: readonly JsonEdit[],
): { readonly text: string; readonly changed: number } | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  const root = node()
  for (const { steps, does } of edits) {
    let at = root
    for (const step of steps) {
      if (step === anyStep) {
        at.any ??= node()
        at = at.any
      } else {
        let next = at.named.get(step)
        if (next === undefined) {
          next = node()
          at.named.set(step, next)
        }
        at = next
      }
    }
    if (at.does !== 'remove') at.does = does
  }
  const editor = new Editor(text)
  try {
    return { text: editor.run(root), changed: editor.changed }
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

const space = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** Walks a text that is known to be JSON. */
class Editor {
  readonly #text: string
  #at = 0
  #out: string[] = []
  changed = 0

  constructor(text: string) {
    this.#text = text
  }

  run(root: EditNode): string {
    this.#space()
    this.#value([root], false, 0)
    return this.#out.join('')
  }

  #space(): void {
    while (space(this.#text.charCodeAt(this.#at))) this.#at += 1
  }

  /** Copies or edits the value that begins here. */
  #value(nodes: readonly EditNode[], masked: boolean, depth: number): void {
    const mask = masked || nodes.some(({ does }) => does === 'mask')
    const first = this.#text[this.#at]
    const inside = first === '{' || first === '['
    if (!mask && (!inside || nodes.every(({ named, any }) => named.size === 0 && any === undefined))) {
      const start = this.#at
      this.#skip()
      this.#out.push(this.#text.slice(start, this.#at))
      return
    }
    if (inside) {
      if (depth >= maxDepth) throw new RangeError('nested too deeply')
      this.#container(nodes, mask, depth)
      return
    }
    this.#skip()
    if (first !== 'n') this.changed += 1
    this.#out.push(
      first === '"' ? '"***"' : first === 't' || first === 'f' ? 'false' : first === 'n' ? 'null' : '0',
    )
  }

  #container(nodes: readonly EditNode[], mask: boolean, depth: number): void {
    const object = this.#text[this.#at] === '{'
    const end = object ? '}' : ']'
    this.#at += 1
    this.#out.push(object ? '{' : '[')
    let kept = 0
    for (let index = 0; ; index += 1) {
      this.#space()
      if (this.#text[this.#at] === ',') {
        this.#at += 1
        this.#space()
      }
      if (this.#text[this.#at] === end) break
      let name = String(index)
      let key = ''
      if (object) {
        const start = this.#at
        this.#skip()
        key = this.#text.slice(start, this.#at)
        name = JSON.parse(key) as string
        this.#space()
        this.#at += 1
        this.#space()
      }
      const inner: EditNode[] = []
      for (const { named, any } of nodes) {
        const found = named.get(name)
        if (found !== undefined) inner.push(found)
        if (any !== undefined) inner.push(any)
      }
      if (inner.some(({ does }) => does === 'remove')) {
        this.#skip()
        this.changed += 1
        continue
      }
      if (kept > 0) this.#out.push(',')
      kept += 1
      if (object) this.#out.push(key, ':')
      this.#value(inner, mask, depth + 1)
    }
    this.#at += 1
    this.#out.push(end)
  }

  /** Goes past the value that begins here. */
  #skip(): void {
    const text = this.#text
    let depth = 0
    do {
      const code = text.charCodeAt(this.#at)
      if (code === 34) {
        this.#at += 1
        while (text.charCodeAt(this.#at) !== 34) this.#at += text.charCodeAt(this.#at) === 92 ? 2 : 1
        this.#at += 1
      } else if (code === 123 || code === 91) {
        depth += 1
        this.#at += 1
      } else if (code === 125 || code === 93) {
        depth -= 1
        this.#at += 1
      } else if (depth > 0 && (code === 44 || code === 58 || space(code))) this.#at += 1
      else {
        // A number or a word ends where something that it cannot contain stands, or the text does.
        while (this.#at < text.length && !/[\s,:\]}]/.test(text[this.#at]!)) this.#at += 1
      }
    } while (depth > 0)
  }
}
