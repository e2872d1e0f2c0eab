import type { Observation } from '../../baseline/observation.ts'
import type { Json } from '../../call/content.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { QuantileSketch } from '../../kit/quantile-sketch.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const measures = ['repeats', 'depth', 'aliases', 'batch', 'directives', 'fields'] as const
type Measure = (typeof measures)[number]
const metrics: Readonly<Record<Measure, readonly [metric: string, unit: string]>> = {
  repeats: ['the same change in one document', 'times'],
  depth: ['depth of the query', 'levels'],
  aliases: ['aliases in one document', 'aliases'],
  batch: ['operations in one call', 'operations'],
  directives: ['directives in one document', 'directives'],
  fields: ['fields in one document', 'fields'],
}

class QueryCostRun implements DetectorRun {
  readonly #context: DetectContext
  /** Host and measure, or the field that is repeated → its values, of calls that were answered. */
  readonly #usual: BoundedMap<string, QuantileSketch>
  readonly #stretches: Stretches
  #last: string | undefined

  constructor(context: DetectContext) {
    this.#context = context
    this.#usual = new BoundedMap(context.option('hosts'))
    this.#stretches = new Stretches({ most: context.option('callers') })
  }

  observe(o: Observation): readonly Finding[] {
    const { operation } = o.match
    const counts = operation?.counts
    // Of the operations of one call the first speaks for all.
    if (operation === undefined || counts === undefined || this.#last === o.call.id) return []
    this.#last = o.call.id
    const findings: Finding[] = []
    for (const measure of measures) {
      const value = counts[measure]
      if (value === undefined || (operation.protocol !== 'graphql' && measure !== 'batch')) continue
      const usual = this.#usual.ensure(
        // How often one thing is changed at once is a matter of that thing: a basket has many lines, a login one password.
        `${o.call.destination.host}\0${operation.protocol}\0${measure === 'repeats' ? operation.name : measure}`,
        () => new QuantileSketch({ alpha: 0.02, buckets: 128 }),
      )
      const finding = o.learning ? undefined : this.#judge(o, measure, value, usual)
      if (finding !== undefined && findings.length === 0) findings.push(finding)
      if (finding === undefined && o.outcome === 'success' && (o.learning || o.identity.kind !== 'anonymous'))
        usual.add(value)
    }
    return findings
  }

  size(): number {
    return this.#usual.size + this.#stretches.size
  }

  save(): unknown {
    return [this.#usual, this.#stretches]
  }

  load(saved: unknown): void {
    const [usual, stretches] = saved as readonly [BoundedMap<string, QuantileSketch>, Stretches]
    this.#usual.adopt(usual)
    this.#stretches.adopt(stretches)
  }

  #judge(o: Observation, measure: Measure, value: number, usual: QuantileSketch): Finding | undefined {
    const known = usual.count >= this.#context.option('documents')
    const most = known || measure === 'repeats' ? usual.quantile(0.999) : 0
    if (value <= Math.max(this.#context.option(measure), this.#context.option('factor') * most))
      return undefined
    const answered = o.outcome === 'success' || wasExecuted(o)
    // Each of many tries was made: that none of them hit is luck.
    const guesses = measure === 'repeats' && o.outcome !== 'success'
    const key = `${callerOf(o)}\0${o.call.destination.host}\0${measure}\0${answered ? 'answered' : 'refused'}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id, String(value))
    // A client that is broken sends the same again; who varies what is refused looks for the limit.
    const insists = stretch.count >= this.#context.option('insists') && stretch.things.length >= 2
    const [metric, unit] = metrics[measure]
    return {
      message: answered ? 'answered' : 'refused',
      observed: {
        ...observedOf(value, metric, unit),
        who: whoIs(o.identity),
        endpoint: o.match.endpoint,
        what: counted(stretch.count, 'call'),
        ms: Math.round(o.call.durationMs ?? 0),
      },
      expected: expectedOf(
        distributionOf(usual, Math.round(usual.count), `documents of ${o.call.destination.host}`),
      ),
      attempt: !answered,
      confidence: known ? 0.9 : (answered && guesses) || (!answered && insists) ? 0.86 : 0.75,
      severity: answered
        ? value >= 4 * this.#context.option(measure)
          ? 'high'
          : 'medium'
        : insists
          ? 'high'
          : 'low',
      ...blame(o),
      evidence: toTell(stretch),
      key: `${key}\0${stretch.from}`,
    }
  }
}

/** An answer that has something to say of the fields, if only that none of them came to anything: the document was not turned away. */
function wasExecuted(o: Observation): boolean {
  const content = o.call.response?.content
  if (content?.kind !== 'json' || content.value === null || typeof content.value !== 'object') return false
  const data = (content.value as { readonly [key: string]: Json }).data
  return data !== null && typeof data === 'object' && Object.keys(data).length > 0
}

const many = (count: number, field: string): string =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}(code: ${index}) { ok }`).join(' ')

export const queryCost = defineDetector({
  id: 'query-cost',
  title: 'A query that asks for too much at once',
  summary:
    'Measures GraphQL documents and batches: depth, aliases, fields, directives, operations in one call, and how often a mutation asks for the same field. What lies far above all documents seen, and above a floor that clients do not reach, is meant to wear the server out or to get around a limit by the request.',
  family: 'automation',
  concern: 'operations',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API4:2023'],
  attack: ['T1499.003'],
  options: {
    depth: { default: 14, reason: 'Generated clients nest ten levels, the introspection query thirteen.' },
    repeats: {
      default: 20,
      reason: 'A form or a basket changes a dozen things of a kind at once; who guesses values needs more.',
    },
    aliases: {
      default: 20,
      reason: 'A page of widgets has a dozen aliases; a hundred logins in one document have more.',
    },
    batch: {
      default: 20,
      reason: 'Clients that batch send ten operations at once, as their libraries do by default.',
    },
    directives: { default: 50, reason: 'Documents with conditions have some dozens at most.' },
    fields: { default: 500, reason: 'The largest generated documents have some hundred fields.' },
    factor: { default: 2, reason: 'Twice the most of a thousand documents.' },
    documents: { default: 50, reason: 'Fifty documents of a host show how large they are.' },
    hosts: { default: 2_000, reason: 'Hosts and measures remembered; at most 1 KiB each.' },
    insists: {
      default: 8,
      reason: 'Eight refused documents of different sizes: who makes a client fits it after one or two.',
    },
    callers: { default: 20_000, reason: 'Callers with such queries remembered; about 400 bytes each.' },
  },
  messages: {
    answered:
      '{who} sent {endpoint} a query with {value} {unit} ({metric}) in {what}, and it was carried out; others reach {p99}.',
    refused:
      '{who} sent {endpoint} a query with {value} {unit} ({metric}) in {what}, and it was refused; others reach {p99}.',
  },
  whenNotAnAttack:
    'A new client, a schema explorer, or a nightly report that asks for everything in one document.',
  examples: {
    fires: [
      `mallory POST /graphql body={"query":"{ ${'a { '.repeat(20)}id${' }'.repeat(20)} }"} -> 200 {"data":{}}`,
      `mallory POST /graphql body={"query":"mutation { ${many(60, 'login')} }"} -> 200 {"data":{}}`,
      `learn alice POST /graphql body={"query":"mutation { ${many(30, 'addLine')} }"} x 60 -> 200 {"data":{}}
mallory POST /graphql body={"query":"mutation { ${many(35, 'acceptInvitation')} }"} -> 200 {"data":{}}`,
      `mallory POST /graphql body={"query":"mutation { ${many(35, 'acceptInvitation')} }"} -> 200 {"data":{"a0":null,"a1":null},"errors":[{"message":"No such invitation."}]}`,
      Array.from(
        { length: 9 },
        (_, index) =>
          `mallory POST /graphql body={"query":"mutation { ${many(30 + index, 'login')} }"} -> 400 {"errors":[{"message":"Too many aliases."}]}`,
      ).join('\n'),
    ],
    quiet: [
      `mallory POST /graphql body={"query":"mutation { ${many(15, 'acceptInvitation')} }"} -> 200 {"data":{"a0":null,"a1":null},"errors":[{"message":"No such invitation."}]}`,
      `learn alice POST /graphql body={"query":"mutation { ${many(30, 'addLine')} }"} x 60 -> 200 {"data":{}}
bob POST /graphql body={"query":"mutation { ${many(40, 'addLine')} }"} -> 200 {"data":{}}`,
      'alice POST /graphql body={"query":"{ me { orders { items { product { name } } } } }"} x 20 -> 200 {"data":{}}',
    ],
  },
  create: context => new QueryCostRun(context),
})
