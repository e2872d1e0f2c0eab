import type { SallyportEvent } from '../../src/call/event.ts'
import type { Incident } from '../../src/detect/incident.ts'
import type { Signal } from '../../src/detect/signal.ts'
import { Analysis } from '../../src/engine/analysis.ts'
import type { Alert } from './alert.ts'
import type { Product, Watcher } from './watcher.ts'

/** Our own analysis, as `sallyport analyze --learn` runs it. */
export const sallyport: Product = { id: 'sallyport', create: () => new AnalysisWatcher() }

class AnalysisWatcher implements Watcher {
  readonly #analysis = new Analysis()
  /** Signal → what it named while it grew, and when: its own list is bounded. */
  readonly #named = new Map<string, Map<string, number>>()
  #now = 0

  learn(event: SallyportEvent): void {
    this.#analysis.observe(event, { learning: true })
  }

  watch(event: SallyportEvent): void {
    this.#now = event.time
    this.#note(this.#analysis.observe(event).signals)
  }

  alerts(): readonly Alert[] {
    this.#note(this.#analysis.settle(this.#now).signals)
    return this.#analysis.incidents().map(incident => this.#alert(incident))
  }

  #note(signals: readonly Signal[]): void {
    for (const { id, evidence } of signals) {
      const calls = this.#named.get(id) ?? new Map<string, number>()
      this.#named.set(id, calls)
      for (const call of evidence) if (!calls.has(call)) calls.set(call, this.#now)
    }
  }

  #alert(incident: Incident): Alert {
    const signals = incident.signals.flatMap(id => this.#analysis.detection.signal(id) ?? [])
    const evidence = new Map<string, number>()
    const name = (call: string, time: number): void => {
      if ((evidence.get(call) ?? Number.POSITIVE_INFINITY) > time) evidence.set(call, time)
    }
    for (const id of incident.signals) for (const [call, time] of this.#named.get(id) ?? []) name(call, time)
    for (const call of incident.evidence) name(call, incident.updated)
    const outcomes = new Map<string, 'success' | 'attempt'>()
    for (const signal of signals)
      for (const call of signal.evidence)
        if (outcomes.get(call) !== 'success') outcomes.set(call, signal.attempt ? 'attempt' : 'success')
    return {
      incident: incident.id,
      evidence,
      principals: incident.principals,
      owasp: [...new Set(signals.flatMap(({ owasp }) => owasp))],
      outcomes,
      by: incident.detectors,
      title: incident.title,
    }
  }
}
