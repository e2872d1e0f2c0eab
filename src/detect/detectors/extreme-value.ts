import { fieldsOf } from '../../baseline/field-use.ts'
import type { Observation } from '../../baseline/observation.ts'
import { isPrivileged, isWrite } from '../../baseline/role-matrix.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { memo } from '../../kit/memo.ts'
import { pairKeys } from '../../kit/pair-key.ts'
import { QuantileSketch } from '../../kit/quantile-sketch.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const worthNames =
  /(?:^|_)(?:quantity|qty|amount|price|total|sum|cost|fee|discount|value|units|count|balance|points|credits?|tip|rate|percent(?:age)?)$/

/** The values of one field. Plain data but for the sketch. */
interface Values {
  seen: number
  negative: number
  zero: number
  readonly by: string[]
  readonly usual: QuantileSketch
}

class ExtremeValueRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #values: BoundedMap<string, Values>
  readonly #stretches: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#values = new BoundedMap(context.option('fields'))
    this.#stretches = new Stretches({ most: context.option('callers') })
  }

  observe(o: Observation): readonly Finding[] {
    const { content } = o.call.request
    if ((content.kind !== 'json' && content.kind !== 'form') || !isWrite(o) || o.outcome === 'unknown')
      return []
    const findings: Finding[] = []
    for (const field of fieldsOf(content.value)) {
      const number = numberOf(field.value)
      if (number === undefined || findings.length >= 3 || !isWorth(field.place.key)) continue
      const place = unlisted(field.place.path)
      const values = this.#values.ensure(keyOf(o.match.endpoint, place), newValues)
      const why = this.#why(o, values, number)
      if (why !== undefined && !o.learning) findings.push(this.#finding(o, place, number, values, why))
      if (o.outcome !== 'success' || (why !== undefined && !o.learning)) continue
      values.seen += 1
      if (number < 0) values.negative += 1
      if (number === 0) values.zero += 1
      if (values.by.length < 16 && !values.by.includes(o.identity.principal))
        values.by.push(o.identity.principal)
      values.usual.add(Math.abs(number))
    }
    return findings
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, values] of [...this.#values.entries()]) {
      if (!key.startsWith(`${from}\0`)) continue
      this.#values.delete(key)
      const target = `${to}${key.slice(from.length)}`
      const mine = this.#values.get(target)
      if (mine === undefined) this.#values.set(target, values)
      else {
        mine.seen += values.seen
        mine.negative += values.negative
        mine.zero += values.zero
        mine.usual.merge(values.usual)
      }
    }
  }

  size(): number {
    return this.#values.size + this.#stretches.size
  }

  save(): unknown {
    return [this.#values, this.#stretches]
  }

  load(saved: unknown): void {
    const [values, stretches] = saved as readonly [BoundedMap<string, Values>, Stretches]
    this.#values.adopt(values)
    this.#stretches.adopt(stretches)
  }

  #why(o: Observation, values: Values, number: number): 'negative' | 'extreme' | undefined {
    if (isPrivileged(this.#context.roles.groupOf(o))) return undefined
    if (number < 0)
      return values.seen >= this.#context.option('negativeSeen') &&
        values.negative === 0 &&
        values.by.length >= 3
        ? 'negative'
        : undefined
    if (values.seen < this.#context.option('seen') || values.by.length < 5) return undefined
    const factor = this.#context.option('factor')
    if (number <= factor * Math.max(1, values.usual.min)) return undefined
    return number > factor * Math.max(1, values.usual.quantile(0.999)) ? 'extreme' : undefined
  }

  #finding(
    o: Observation,
    path: string,
    number: number,
    values: Values,
    why: 'negative' | 'extreme',
  ): Finding {
    const done = o.outcome === 'success'
    const key = `${o.identity.principal}\0${o.match.endpoint}\0${path}\0${done ? why : 'refused'}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    return {
      message: done ? why : 'refused',
      observed: {
        ...observedOf(number, path, 'value'),
        who: whoIs(o.identity),
        field: path,
        endpoint: o.match.endpoint,
        what: counted(stretch.count, 'call'),
      },
      expected: expectedOf(
        distributionOf(values.usual, values.seen, `values of ${path} at ${o.match.endpoint}`),
      ),
      attempt: !done,
      confidence: why === 'negative' ? 0.85 : 0.65,
      severity: done ? (why === 'negative' ? 'high' : 'medium') : 'low',
      ...blame(o),
      evidence: toTell(stretch),
      key: `${key}\0${stretch.from}`,
    }
  }
}

const isWorth = memo(name =>
  worthNames.test(
    name
      .slice(0, 64)
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toLowerCase(),
  ),
)

const unlisted = memo(path => path.replaceAll('[]', ''))
const keyOf = pairKeys()

const newValues = (): Values => ({
  seen: 0,
  negative: 0,
  zero: 0,
  by: [],
  usual: new QuantileSketch({ alpha: 0.02, buckets: 128 }),
})

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,6})?$/.test(value) ? Number(value) : undefined
}

export const extremeValue = defineDetector({
  id: 'extreme-value',
  title: 'A price or quantity that cannot be meant',
  summary:
    'Knows the amounts, prices and quantities that callers send. A negative one where none ever was, or one far above all, turns a sale into a gift or a transfer around; when it is accepted it did.',
  family: 'automation',
  concern: 'writes',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1190', 'T1565.001'],
  options: {
    negativeSeen: { default: 20, reason: 'Twenty values of three callers without a sign before them.' },
    seen: { default: 200, reason: 'Two hundred values show how large they get.' },
    factor: { default: 100, reason: 'A hundred times the most of a thousand: large orders stay below it.' },
    fields: { default: 10_000, reason: 'Fields whose values are remembered; at most 1 KiB each.' },
    callers: { default: 10_000, reason: 'Callers with such values remembered; about 400 bytes each.' },
  },
  messages: {
    negative:
      '{who} sent {field} = {value} to {endpoint} in {what}, where no value was ever negative, and it was accepted.',
    extreme:
      '{who} sent {field} = {value} to {endpoint} in {what}, far above all values before ({p99}), and it was accepted.',
    refused: '{who} sent {field} = {value} to {endpoint} in {what}, and it was refused.',
  },
  whenNotAnAttack:
    'A correction that is booked as a negative amount, or the first order of a large customer.',
  examples: {
    fires: [
      `learn ann,bob,carol POST /cart/items body={"sku":"a","quantity":2} x 8 -> 201 {"ok":1}
mallory POST /cart/items body={"sku":"tv","quantity":-3} -> 201 {"ok":1}`,
      `learn ann,bob,carol POST /cart/items body={"sku":"a","quantity":2} x 8 -> 201 {"ok":1}
mallory POST /cart/items body={"sku":"tv","quantity":-3} -> 422`,
    ],
    quiet: [
      `learn ann,bob,carol POST /cart/items body={"sku":"a","quantity":2} x 8 -> 201 {"ok":1}
dave POST /cart/items body={"sku":"tv","quantity":30} -> 201 {"ok":1}`,
    ],
  },
  create: context => new ExtremeValueRun(context),
})
