import type { Content, Json } from '../../call/content.ts'
import type { ClassedFields } from './classed-fields.ts'
import type { MaskedBody } from './example.ts'
import type { Masker } from './masker.ts'

/** Bounds of one body; what lies beyond is left out with a note. */
export const bodyBounds = {
  size: 6_144,
  items: 3,
  keys: 64,
  text: 512,
  plain: 4_096,
  key: 128,
  depth: 16,
} as const

/** A body as it is shown. */
export function maskedBody(
  content: Content,
  size: number,
  mediaType: string,
  fields: ClassedFields,
  masker: Masker,
): MaskedBody | undefined {
  switch (content.kind) {
    case 'empty':
      return size === 0 ? undefined : { mediaType, body: `${size} bytes, not kept`, cut: true }
    case 'binary':
      return { mediaType, body: `${size} bytes`, cut: true }
    case 'text':
    case 'malformed': {
      const body = masker.text(content.text, Math.floor(bodyBounds.plain), fields)
      return { mediaType, body, cut: body.endsWith('…') && body.length > bodyBounds.plain }
    }
    default: {
      const tree = new MaskedTree(fields, masker)
      const body = tree.of(content.value)
      return { mediaType, body, cut: tree.cut }
    }
  }
}

/** Values of classed fields in a body: for the masker, before anything is shown. */
export function knowBody(content: Content, fields: ClassedFields, masker: Masker): void {
  if (content.kind !== 'json' && content.kind !== 'form' && content.kind !== 'multipart') return
  let left = 20_000
  const visit = (
    value: Json,
    places: readonly string[],
    name: string,
    inherited: string | undefined,
    depth: number,
  ): void => {
    left -= 1
    if (left < 0 || depth > 64) return
    if (places.length === 0 && inherited === undefined && !fields.anywhere) return
    const dataClass = fields.classOf(places, name) ?? inherited
    if (typeof value === 'string' || typeof value === 'number') {
      if (dataClass !== undefined) masker.know(String(value), dataClass)
    } else if (isList(value))
      for (const item of value) visit(item, fields.items(places), name, dataClass, depth + 1)
    else if (typeof value === 'object' && value !== null)
      for (const key of Object.keys(value))
        visit(value[key] as Json, fields.under(places, key), key, dataClass, depth + 1)
  }
  visit(content.value, [''], '', undefined, 0)
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

class MaskedTree {
  cut = false
  #left: number = bodyBounds.size
  readonly #fields: ClassedFields
  readonly #masker: Masker

  constructor(fields: ClassedFields, masker: Masker) {
    this.#fields = fields
    this.#masker = masker
  }

  of(value: Json): unknown {
    return this.#at(value, [''], '', undefined, 0)
  }

  /** @param inherited class of the place above: all that stands under a classed place is of its class */
  #at(
    value: Json,
    places: readonly string[],
    name: string,
    inherited: string | undefined,
    depth: number,
  ): unknown {
    const dataClass = this.#fields.classOf(places, name) ?? inherited
    if (value === null) return null
    if (typeof value === 'object') {
      if (depth >= bodyBounds.depth) return this.#note('nested deeper')
      return isList(value)
        ? this.#list(value, places, name, dataClass, depth)
        : this.#object(value, places, dataClass, depth)
    }
    return this.#spend(this.#scalar(value, name, dataClass))
  }

  #scalar(value: string | number | boolean, name: string, dataClass: string | undefined): unknown {
    const text = String(value)
    const found = dataClass ?? (typeof value === 'boolean' ? undefined : this.#masker.classBy(name, text))
    if (found !== undefined) return this.#masker.value(text, found)
    const shown = this.#masker.text(text, bodyBounds.text, this.#fields)
    if (shown.length > bodyBounds.text) this.cut = true
    return shown === text ? value : shown
  }

  #list(
    list: readonly Json[],
    places: readonly string[],
    name: string,
    dataClass: string | undefined,
    depth: number,
  ): unknown {
    const below = this.#fields.items(places)
    const out: unknown[] = []
    for (const item of list.slice(0, bodyBounds.items)) {
      if (this.#left <= 0) break
      out.push(this.#at(item, below, name, dataClass, depth + 1))
    }
    if (out.length < list.length) out.push(this.#note(`${list.length - out.length} more`))
    return out
  }

  #object(
    object: { readonly [key: string]: Json },
    places: readonly string[],
    dataClass: string | undefined,
    depth: number,
  ): unknown {
    const keys = Object.keys(object)
    const out = new Map<string, unknown>()
    let shown = 0
    for (const key of keys) {
      if (this.#left <= 0 || shown >= bodyBounds.keys) break
      shown += 1
      const told = this.#key(key, out)
      this.#spend(told)
      out.set(told, this.#at(object[key] as Json, this.#fields.under(places, key), key, dataClass, depth + 1))
    }
    if (shown < keys.length) out.set('…', this.#note(`${keys.length - shown} more`))
    return Object.fromEntries(out)
  }

  /** Keys of maps are data: masked like text, told apart where they become alike. */
  #key(key: string, taken: ReadonlyMap<string, unknown>): string {
    const told = this.#masker.text(key, bodyBounds.key)
    if (!taken.has(told)) return told
    let count = 2
    while (taken.has(`${told} (${count})`)) count += 1
    return `${told} (${count})`
  }

  #note(text: string): string {
    this.cut = true
    return `… ${text}`
  }

  #spend<Value>(value: Value): Value {
    this.#left -= JSON.stringify(value).length + 2
    return value
  }
}
