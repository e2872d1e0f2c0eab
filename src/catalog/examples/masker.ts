import { isMask, maskEnd, readMask } from '../../call/mask.ts'
import { profileOf, shapeOf } from '../data-class.ts'
import { dataClassOf } from '../data-classes/index.ts'
import type { ClassRegistry } from '../data-classes/registry/class-registry.ts'
import { findSpans } from '../data-classes/scan/find-spans.ts'
import type { ClassedFields } from './classed-fields.ts'
import { hidden, maskedForm } from './masked-form.ts'

/** Values of classed fields that are looked for everywhere else; shorter ones would be found in anything. */
const maxKnown = 200
const maxForms = 5 * maxKnown
const shortestKnown = 4
const longestKnown = 1_024
/** A value that no name and no form gives away may be a custom class's; checks that pass more by chance are left to the fields. */
const maxChance = 0.01

interface Span {
  readonly start: number
  readonly end: number
  readonly secret: boolean
}

// Names beside their values, as text says them. Every count is bounded.
const element = /<([\w.:-]{1,64})(?: [^<>]{0,512})?>([^<>]{1,2048})<\//g
const pair =
  /([\w.-]{1,64})["']?\s{0,4}[:=]\s{0,4}(?:"((?:[^"\\]|\\[^\n]){1,2048})|'([^']{1,2048})|([^\s"'&;,<>{}[\]]{1,2048}))/g
/** The same in JSON that stands as a text in JSON. */
const escapedPair = /([\w.-]{1,64})\\"\s{0,4}:\s{0,4}\\"([^"\\]{1,2048})/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Replaces what should not be seen, and counts it. */
export class Masker {
  masked = 0
  readonly #classes: ClassRegistry
  readonly #known = new Map<string, boolean>()

  constructor(classes: ClassRegistry) {
    this.#classes = classes
  }

  /** A value of a classed field: hidden wherever else it stands. */
  know(value: string, dataClass: string): void {
    if (this.#known.size >= maxForms || value.length < shortestKnown || value.length > longestKnown) return
    if (isMask(value)) return
    const secret = this.#isSecret(dataClass)
    for (const form of writtenForms(value)) {
      if (form.length < shortestKnown) continue
      const key = lowered(form)
      this.#known.set(key, this.#known.get(key) === true || secret)
    }
  }

  /** A whole value of a class. What was redacted when it was captured stays that, without its fingerprint. */
  value(text: string, dataClass: string): string {
    this.masked += 1
    const mask = readMask(text)
    if (mask !== undefined) return `[redacted:${mask.what}]`
    return printable(maskedForm(text, this.#isSecret(dataClass)))
  }

  /** The class a value has by its name and form, where nothing was learned of its field yet. */
  classBy(name: string, text: string): string | undefined {
    if (text === '' || text.length > longestKnown) return undefined
    const profile = profileOf(text)
    const shape = shapeOf(profile)
    for (const reading of this.#classes.planFor(name).named)
      if (reading.says === 'named' && reading.fits(shape, text.length) && reading.test(profile))
        return reading.definition.id
    for (const reading of this.#classes.blind(shape, text.length)) {
      const { id, chance } = reading.definition
      if (chance <= maxChance && dataClassOf(id) === undefined && reading.test(profile)) return id
    }
    return undefined
  }

  /**
   * Text without the data in it: values known from classed fields, what stands beside a telling name, and what its form gives away.
   *
   * @param longest characters of the result; an ellipsis says that there was more
   */
  text(text: string, longest: number, fields?: ClassedFields): string {
    // What is shown ends a value's length before what is looked at: none is shown in part because its end was not seen.
    const window = longest + 2 * longestKnown
    const seen = text.length > window ? text.slice(0, window) : text
    const last = text.length > window ? window - longestKnown : seen.length
    let out = ''
    let at = 0
    for (const { start, end, secret } of joined(this.#spans(seen, fields))) {
      if (start >= last || out.length > longest) break
      out += shortened(seen.slice(at, start))
      out += maskedForm(seen.slice(start, end), secret)
      this.masked += 1
      at = end
    }
    out += shortened(seen.slice(at, Math.max(at, last)))
    const whole = printable(out)
    return whole.length > longest || last < text.length ? `${whole.slice(0, longest)}…` : whole
  }

  #spans(text: string, fields: ClassedFields | undefined): readonly Span[] {
    const spans: Span[] = []
    const searched = lowered(text)
    for (const [value, secret] of this.#known)
      for (let at = searched.indexOf(value); at >= 0; at = searched.indexOf(value, at + value.length))
        spans.push({ start: at, end: at + value.length, secret })
    if (text.length < 4) return spans
    for (const { start, end, dataClass } of findSpans(text))
      spans.push({ start, end, secret: this.#isSecret(dataClass) })
    for (const form of [element, pair, escapedPair])
      for (const match of text.matchAll(form)) {
        const name = match[1] ?? ''
        const value = match[2] ?? match[3] ?? match[4] ?? ''
        if (isMask(value)) continue
        const dataClass = fields?.named(name) ?? this.classBy(name, value)
        if (dataClass === undefined) continue
        const end = match.index + match[0].length
        const start = match.index + match[0].indexOf(value, name.length)
        spans.push({ start, end: Math.min(end, start + value.length), secret: this.#isSecret(dataClass) })
      }
    return spans
  }

  #isSecret(dataClass: string): boolean {
    return (this.#classes.get(dataClass) ?? dataClassOf(dataClass))?.group === 'secret'
  }
}

/** In lower case, every letter in its place: those whose small form is longer stay. */
function lowered(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length) return lower
  return text.replace(/[\s\S]/g, letter => {
    const small = letter.toLowerCase()
    return small.length === 1 ? small : letter
  })
}

/** A value as it may stand elsewhere: in a path or query, in JSON or XML that was taken for text. */
function writtenForms(value: string): ReadonlySet<string> {
  const forms = new Set([value])
  if (/^[\w.-]*$/.test(value)) return forms
  forms.add(JSON.stringify(value).slice(1, -1))
  forms.add(value.replace(/[&<>"']/g, sign => entities[sign] ?? sign))
  try {
    forms.add(decodeURIComponent(value))
    forms.add(encodeURIComponent(value))
  } catch {
    // Not an escape sequence, or half of a surrogate pair: it stands nowhere in that form.
  }
  return forms
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** In order and without overlap: what overlaps is one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start)
  const out: Span[] = []
  for (const span of sorted) {
    const before = out.at(-1)
    if (before === undefined || span.start >= before.end) out.push(span)
    else
      out[out.length - 1] = {
        start: before.start,
        end: Math.max(before.end, span.end),
        secret: before.secret || span.secret,
      }
  }
  return out
}

/** Masks of capture without their fingerprints. */
function shortened(text: string): string {
  let out = ''
  let at = 0
  for (let start = text.indexOf('[redacted:'); start >= 0; start = text.indexOf('[redacted:', start + 1)) {
    const end = maskEnd(text, start)
    if (end < 0) continue
    out += `${text.slice(at, start)}[redacted:${readMask(text.slice(start, end))?.what ?? hidden}]`
    at = end
  }
  return at === 0 ? text : out + text.slice(at)
}

/** Without control characters and marks that turn or hide text. */
const printable = (text: string): string => text.replace(unprintable, '·')
