import { profileOf } from '../../data-class.ts'
import { dataClassOf } from '../index.ts'
import type { DataSpan } from './data-span.ts'
import { findSecretSpans, withoutOverlap } from './find-secrets.ts'

/** Longer texts are looked at up to here. */
const longest = 65_536
/** Words before or after a number that make bare groups of digits a telephone number; as far before as `contextLength`. */
const phoneWords =
  /(?:phone|call|\btel\b|telefon|mobile|\bcell|\bfax|contact|reach me|dial|text me|messages to|registered)/i
const phoneWordsAfter = /^[ -]{0,3}(?:office|fax|mobile|cell|home|work)\b/i
const contextLength = 60

// Bounded counts: linear in the text.
const emails = /[\w.!#$%&'*+/=?^`|~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}/g
const ibans = /\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b/g
const cards = /(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)/g
const ssns = /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g
const v4s = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g
const v6s = /(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}(?![\w:])/g
const phones = /(?<![\w.+-])(?:\+|\()?\d(?:[ ().-]{0,2}\d){6,14}(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\w|[.-]\d)/g

interface Finder {
  readonly dataClass: string
  readonly form: RegExp
  readonly accepts?: (value: string, before: string, after: string) => boolean
}

const passes =
  (id: string) =>
  (value: string): boolean =>
    dataClassOf(id)?.test(profileOf(value)) === true

const isPhone = dataClassOf('phone')?.blind?.test

const finders: readonly Finder[] = [
  { dataClass: 'email', form: emails },
  { dataClass: 'iban', form: ibans, accepts: value => passes('iban')(value.toUpperCase()) },
  { dataClass: 'payment-card', form: cards },
  { dataClass: 'us-ssn', form: ssns },
  { dataClass: 'ip-address', form: v4s },
  { dataClass: 'ip-address', form: v6s },
  {
    dataClass: 'phone',
    form: phones,
    accepts: (value, before, after) =>
      isPhone?.(profileOf(value)) === true ||
      ((phoneWords.test(before) || phoneWordsAfter.test(after)) &&
        !/^\d{4}-\d{2}-\d{2}|^\d{13,}$/.test(value)),
  },
]

/**
 * Personal, payment and secret data within a text, by the validators of the data classes; in order, without overlap: where two
 * claim a place, what was checked better has it. Names and addresses of people in prose are not looked for.
 */
export function findSpans(text: string): readonly DataSpan[] {
  const seen = text.length > longest ? text.slice(0, longest) : text
  const found: DataSpan[] = [...findSecretSpans(seen)]
  for (const { dataClass, form, accepts = passes(dataClass) } of finders) {
    for (const match of seen.matchAll(form)) {
      const start = match.index
      const value = match[0]
      const end = start + value.length
      if (found.some(span => span.start < end && start < span.end)) continue
      const before = seen.slice(Math.max(0, start - contextLength), start)
      if (accepts(value, before, seen.slice(end, end + 12))) found.push({ start, end, dataClass })
    }
  }
  found.sort((a, b) => a.start - b.start)
  return withoutOverlap(found)
}
