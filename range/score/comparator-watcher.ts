import type { SallyportEvent } from '../../src/call/event.ts'
import type { ComparatorDefinition, Rule } from '../comparators/comparator.ts'
import type { Alert } from './alert.ts'
import type { Product, Watcher } from './watcher.ts'

/** A peer's rule as a product. */
export const asProduct = (definition: ComparatorDefinition): Product => ({
  id: definition.id,
  create: () => new ComparatorWatcher(definition),
})

class ComparatorWatcher implements Watcher {
  readonly #definition: ComparatorDefinition
  readonly #rule: Rule
  readonly #alerts = new Map<string, { readonly evidence: Map<string, number>; readonly title: string }>()

  constructor(definition: ComparatorDefinition) {
    this.#definition = definition
    this.#rule = definition.create()
  }

  learn(event: SallyportEvent): void {
    if (event.type === 'call') this.#rule(event, true)
  }

  watch(event: SallyportEvent): void {
    if (event.type !== 'call') return
    const said = this.#rule(event, false)
    if (said === undefined) return
    const alert = this.#alerts.get(said.key) ?? { evidence: new Map<string, number>(), title: said.title }
    this.#alerts.set(said.key, alert)
    for (const call of said.evidence) if (!alert.evidence.has(call)) alert.evidence.set(call, event.time)
  }

  alerts(): readonly Alert[] {
    const { id, owasp } = this.#definition
    return [...this.#alerts].map(([incident, { evidence, title }]) => ({
      incident,
      evidence,
      principals: [],
      ...(owasp === undefined ? {} : { owasp }),
      by: [id],
      title,
    }))
  }
}
