import { createHash } from 'node:crypto'
import { Redactor } from '../../src/call/redactor.ts'
import { readEvents } from '../../src/sensors/files/index.ts'
import type { ComparatorDefinition } from '../comparators/comparator.ts'
import type { Alert, Verdicts } from './alert.ts'
import type { Recording } from './recording.ts'

/** What a peer's rule says of both windows after the same history. */
export async function comparatorVerdicts(
  recording: Recording,
  definition: ComparatorDefinition,
): Promise<Verdicts> {
  const history = recording.file('history.jsonl.gz')
  return {
    product: definition.id,
    attacked: await watch(definition, history, recording.file('attacked.jsonl.gz')),
    clean: await watch(definition, history, recording.file('clean.jsonl.gz')),
  }
}

async function watch(
  definition: ComparatorDefinition,
  history: string,
  window: string,
): Promise<readonly Alert[]> {
  const rule = definition.create()
  const redactor = new Redactor({ key: createHash('sha256').update('sallyport range').digest() })
  const onRejection = (): void => undefined
  const alerts = new Map<string, { evidence: Map<string, number>; title: string }>()
  for (const [file, learning] of [
    [history, true],
    [window, false],
  ] as const)
    for await (const event of readEvents([file], { redactor, onRejection })) {
      if (event.type !== 'call') continue
      const said = rule(event, learning)
      if (said === undefined || learning) continue
      const alert = alerts.get(said.key) ?? { evidence: new Map<string, number>(), title: said.title }
      alerts.set(said.key, alert)
      for (const call of said.evidence) if (!alert.evidence.has(call)) alert.evidence.set(call, event.time)
    }
  return [...alerts].map(([incident, { evidence, title }]) => ({
    incident,
    evidence,
    principals: [],
    ...(definition.owasp === undefined ? {} : { owasp: definition.owasp }),
    by: [definition.id],
    title,
  }))
}
