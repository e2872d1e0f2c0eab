import { createHash } from 'node:crypto'
import { Redactor } from '../../src/call/redactor.ts'
import type { Signal } from '../../src/detect/signal.ts'
import { Analysis } from '../../src/engine/analysis.ts'
import { readEvents } from '../../src/sensors/files/index.ts'
import type { Alert, Verdicts } from './alert.ts'
import type { Recording } from './recording.ts'

/** What the analysis says of both windows after it has learned the history. Nothing of the truth is read here. */
export async function analysisVerdicts(recording: Recording): Promise<Verdicts> {
  return {
    product: 'sallyport',
    attacked: await watch(recording.file('history.jsonl.gz'), recording.file('attacked.jsonl.gz')),
    clean: await watch(recording.file('history.jsonl.gz'), recording.file('clean.jsonl.gz')),
  }
}

async function watch(history: string, window: string): Promise<readonly Alert[]> {
  const analysis = new Analysis()
  const redactor = new Redactor({ key: createHash('sha256').update('sallyport range').digest() })
  const onRejection = ({ reason }: { readonly reason: string }): never => {
    throw new TypeError(`The recording does not read back: ${reason}`)
  }
  for await (const event of readEvents([history], { redactor, onRejection }))
    analysis.observe(event, { learning: true })
  // What a signal named while it grew counts, whatever its bounded list shows in the end.
  const named = new Map<string, Map<string, number>>()
  let now = 0
  const note = (signals: readonly Signal[]): void => {
    for (const { id, evidence } of signals) {
      const calls = named.get(id) ?? new Map<string, number>()
      named.set(id, calls)
      for (const call of evidence) if (!calls.has(call)) calls.set(call, now)
    }
  }
  for await (const event of readEvents([window], { redactor, onRejection })) {
    now = event.time
    note(analysis.observe(event).signals)
  }
  note(analysis.settle(now).signals)
  return analysis.incidents().map(incident => {
    const signals = incident.signals.flatMap(id => analysis.detection.signal(id) ?? [])
    const evidence = new Map<string, number>()
    const name = (call: string, time: number): void => {
      if ((evidence.get(call) ?? Number.POSITIVE_INFINITY) > time) evidence.set(call, time)
    }
    for (const id of incident.signals) for (const [call, time] of named.get(id) ?? []) name(call, time)
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
  })
}
