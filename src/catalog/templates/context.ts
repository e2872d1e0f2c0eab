import { keptWhole } from '../../kit/snapshot.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import type { PathNode } from './path-node.ts'
import { type ResponseShape, similarity } from './response-shape.ts'

/** How deep below a word its operations are looked at, and how many of them. */
const maxDepth = 6
const maxContexts = 48

/** An operation at or under a word: where, seen from the word, and what is known of it. */
export interface Context {
  /** Method and path below, words that may be values left blank: `GET /?/comments`. What siblings are compared by. */
  readonly general: string
  /** The same with the words as they are. */
  readonly exact: string
  readonly depth: number
  readonly record: EndpointRecord
}

/** The operations at and under a node, nearest first. */
export function contextsOf(node: PathNode): readonly Context[] {
  const contexts: Context[] = []
  collect(node, '', '', 0, contexts)
  return contexts
}

function collect(node: PathNode, general: string, exact: string, depth: number, into: Context[]): void {
  for (const [method, record] of node.records ?? []) {
    if (into.length >= maxContexts) return
    into.push({ general: `${method}${general}`, exact: `${method}${exact}`, depth, record })
  }
  if (depth === maxDepth) return
  for (const child of node.children()) {
    if (into.length >= maxContexts) return
    const own = child.form === 'literal' ? child.text : child.text.replace(/\{[^}]*\}/, '{}')
    const blurred = (child.free && child.leaning > -1) || (child.form === 'param' && child.open) ? '?' : own
    collect(child, `${general}/${blurred}`, `${exact}/${own}`, depth + 1, into)
  }
}

/** Records of one place that a further one is compared with. */
const maxExamples = 4

/** What is known of the operations of several words taken together. */
export class ContextUnion {
  private readonly places = new Map<string, EndpointRecord[]>()

  add(contexts: readonly Context[]): void {
    for (const { general, record } of contexts) {
      const known = this.places.get(general)
      if (known === undefined) this.places.set(general, [record])
      else if (known.length < maxExamples) known.push(record)
      else if (record.shape.keys.size > 0) known[maxExamples - 1] = record
    }
  }

  /**
   * How much a word's operations look like these, in nats: `shared` counts the places both have; `alike` adds up what
   * the answers there say, above zero for the same operation, below for another.
   */
  compare(contexts: readonly Context[]): { readonly shared: number; readonly alike: number } {
    let shared = 0
    let best = 0
    let worst = 0
    for (const { general, record } of contexts) {
      const known = this.places.get(general)
      if (known === undefined) continue
      shared += 1
      let nats: number | undefined
      for (const other of known) {
        if (other === record) continue
        const here = likeness(record, other)
        if (here !== undefined && (nats === undefined || here > nats)) nats = here
      }
      if (nats === undefined) continue
      if (nats > 0) best += nats
      else worst += nats
    }
    return { shared, alike: Math.min(2, best) + Math.max(-6, worst) }
  }

  static {
    keptWhole(ContextUnion, 'catalog/context-union', 1)
  }
}

/** Nats for "the same operation" from the answers of two; undefined where nothing was answered. */
export const likeness = (a: EndpointRecord, b: EndpointRecord): number | undefined =>
  likenessOf(a.shape, b.shape)

export function likenessOf(a: ResponseShape, b: ResponseShape): number | undefined {
  if (a.answers === 0 || b.answers === 0) return undefined
  const keys = Math.min(a.keys.size, b.keys.size)
  const most = Math.max(a.keys.size, b.keys.size)
  const alike = similarity(a, b)
  // Many keys that agree are no accident; an empty answer is what many operations give.
  const weight = Math.min(1, (keys + 0.5) / 5)
  if (alike >= 0.8) return 1.4 * weight
  if (alike >= 0.55) return 0.7 * weight
  if (alike >= 0.4) return 0
  return -1 - 2 * Math.min(1, most / 5)
}
