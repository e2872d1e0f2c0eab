import { type AttributeName, attributeNames } from './conventions.ts'

export type AttributeValue = string | number | boolean | readonly AttributeValue[]

/** The attributes of a span or resource that matter, under their present names. The first one given under a name counts. */
export class Attributes {
  readonly #numbers: number[] = []
  readonly #values: AttributeValue[] = []
  /** Recorded headers: name in lower case, value; `true` where it is the response's. */
  headers: [name: string, value: string, response: boolean][] | undefined

  /** @param number Of the name in `attributeNames`. */
  set(number: number, value: AttributeValue): void {
    this.#numbers.push(number)
    this.#values.push(value)
  }

  get(name: AttributeName): AttributeValue | undefined {
    const number = numbers.get(name)!
    const index = this.#numbers.indexOf(number)
    return index < 0 ? undefined : this.#values[index]
  }

  /** As text; numbers and flags are written out, lists joined by commas. */
  text(name: AttributeName): string | undefined {
    const value = this.get(name)
    if (value === undefined || value === '') return undefined
    return typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : String(value)
  }

  /** As a finite number; texts that say one count. */
  number(name: AttributeName): number | undefined {
    const value = this.get(name)
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined
  }
}

const numbers: ReadonlyMap<AttributeName, number> = new Map(
  attributeNames.map((name, index) => [name, index]),
)

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKind = (typeof spanKinds)[number]

/** What sent a span. One object for all the spans of a `ResourceSpans`. */
export interface SpanResource {
  readonly attributes: Attributes
}

/** A span as it was received. Ids are packed, a character a byte: `hexOf` writes them out. Times in ms since the epoch. */
export interface Span {
  readonly resource: SpanResource
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of a trace. */
  readonly parentId: string
  readonly traceState: string
  readonly name: string
  readonly kind: SpanKind
  readonly start: number
  readonly end: number
  readonly failed: boolean
  readonly attributes: Attributes
}

export const hexOf = (packed: string): string => Buffer.from(packed, 'latin1').toString('hex')
