import { createHash } from 'node:crypto'
import { Redactor } from '../../src/call/redactor.ts'
import { Analysis } from '../../src/engine/analysis.ts'
import type { IncidentId } from '../../src/kit/id.ts'
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
  const named = new Map<string, Map<string, number>>()
  let now = 0
  const note = (incidents: readonly string[]): void => {
    for (const id of incidents) {
      let calls = named.get(id)
      if (calls === undefined) {
        calls = new Map()
        named.set(id, calls)
      }
      for (const call of evidenceOf(analysis, id)) if (!calls.has(call)) calls.set(call, now)
    }
  }
  for await (const event of readEvents([window], { redactor, onRejection })) {
    now = event.time
    note(analysis.observe(event).incidents)
  }
  note(analysis.settle(now).incidents)
  return analysis.incidents().map(incident => {
    const signals = incident.signals.flatMap(id => analysis.detection.signal(id) ?? [])
    const outcomes = new Map<string, 'success' | 'attempt'>()
    for (const { evidence, attempt } of signals)
      for (const call of evidence)
        if (outcomes.get(call) !== 'success') outcomes.set(call, attempt ? 'attempt' : 'success')
    // What was named while the incident grew counts, whatever its bounded list shows in the end.
    return {
      incident: incident.id,
      evidence: named.get(incident.id) ?? new Map(),
      principals: incident.principals,
      owasp: [...new Set(signals.flatMap(({ owasp }) => owasp))],
      outcomes,
      by: incident.detectors,
      title: incident.title,
    }
  })
}

function evidenceOf(analysis: Analysis, id: string): readonly string[] {
  const incident = analysis.detection.incident(id as IncidentId)
  if (incident === undefined) return []
  return [
    ...incident.evidence,
    ...incident.signals.flatMap(signal => analysis.detection.signal(signal)?.evidence ?? []),
  ]
}
