import type { ApiCall, Headers } from '../../call/api-call.ts'
import type { Content, Json } from '../../call/content.ts'
import type { FlowStep } from './labels.ts'

/** What one passage of a step is worth. */
export interface FlowValue {
  /** In whole units of the currency: 12.5 is twelve euros fifty. */
  readonly amount: number
  /** Code of ISO 4217. */
  readonly currency: string
}

/** Currencies whose smallest unit is not the hundredth part (ISO 4217, minor units). */
const digits: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
}

/** Entries of lists that are added up, and the largest amount that is believed. */
const maxEntries = 1_000
const maxAmount = 1e15

/**
 * What one call of a step moves: the amount that its field says, otherwise the step's fixed amount. A field is named as in
 * `DataField` behind its side: `request:amount`, `response:order.total`, `request:query:amount`; the entries of lists
 * (`request:items[].price`) are added up. Numbers and plain decimal text (`"12.50"`) count, in whole units unless the step says
 * `minorUnits`; anything else, and what is negative, says nothing.
 *
 * @param call of a call with several operations the part of this one
 * @returns undefined where neither the call nor the step says an amount
 */
export function flowValueOf(call: ApiCall, { value }: FlowStep): FlowValue | undefined {
  if (value === undefined) return undefined
  const { amount: fixed, currency, field, minorUnits } = value
  const said = field === undefined ? undefined : amountAt(call, field)
  if (said !== undefined)
    return { amount: minorUnits === true ? said / 10 ** (digits[currency] ?? 2) : said, currency }
  return fixed === undefined ? undefined : { amount: fixed, currency }
}

function amountAt(call: ApiCall, field: string): number | undefined {
  const side = field.startsWith('response:') ? call.response : call.request
  const place = field.slice(field.indexOf(':') + 1)
  if (side === undefined) return undefined
  if (place.startsWith('query:')) return inPairs(call.request.query, place.slice(6))
  if (place.startsWith('header:')) return inPairs(side.headers, place.slice(7).toLowerCase())
  const tree = treeOf(side.content)
  return tree === undefined ? undefined : sumOf(tree, stepsOf(place))
}

function inPairs(pairs: Headers, name: string): number | undefined {
  const found = pairs.find(([key]) => key === name)
  return found === undefined ? undefined : amountOf(found[1])
}

const treeOf = (content: Content): Json | undefined =>
  content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart'
    ? content.value
    : undefined

/** `items[].price` as `items`, every entry, `price`. */
const every = Symbol('every entry')
type Step = string | typeof every

function stepsOf(place: string): readonly Step[] {
  return place.split('.').flatMap((part): Step[] => {
    let name = part
    let lists = 0
    while (name.endsWith('[]')) {
      name = name.slice(0, -2)
      lists += 1
    }
    const inside: Step[] = Array.from({ length: lists }, () => every)
    return name === '' || name === '$' ? inside : [name, ...inside]
  })
}

function sumOf(tree: Json, steps: readonly Step[]): number | undefined {
  let left = maxEntries
  const visit = (value: Json | undefined, index: number): number | undefined => {
    left -= 1
    if (value === undefined || left < 0) return undefined
    const step = steps[index]
    if (step === undefined) return amountOf(value)
    if (typeof value !== 'object' || value === null) return undefined
    if (step !== every)
      return visit(
        Object.hasOwn(value, step) ? (value as { [key: string]: Json })[step] : undefined,
        index + 1,
      )
    if (!Array.isArray(value)) return undefined
    let sum: number | undefined
    for (const entry of value) {
      const amount = visit(entry, index + 1)
      if (amount !== undefined) sum = (sum ?? 0) + amount
    }
    return sum
  }
  return visit(tree, 0)
}

function amountOf(value: Json): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,15}(?:\.\d{1,9})?$/.test(value.trim())
        ? Number(value.trim())
        : Number.NaN
  return Number.isFinite(number) && number >= 0 && number <= maxAmount ? number : undefined
}
