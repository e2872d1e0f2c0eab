import type { IncidentId } from '../../kit/id.ts'
import type { Signal } from '../signal.ts'
import type { Suppression } from './suppression.ts'

/** What a person says an incident was. */
export type Verdict = 'attack' | 'benign'

/** A person's word on an incident, with what each detector had said of it: calibration learns from it. */
export interface Feedback {
  readonly incident: IncidentId
  readonly verdict: Verdict
  readonly note?: string
  readonly at: number
  readonly by: string
  /** One for each detector that took part: the confidence of its surest signal, before calibration. */
  readonly said: readonly { readonly detector: string; readonly confidence: number }[]
}

/** @param signals The incident's, as they are told. */
export function feedbackOf(
  incident: IncidentId,
  signals: readonly Signal[],
  word: Pick<Feedback, 'verdict' | 'note' | 'at' | 'by'>,
): Feedback {
  const surest = new Map<string, number>()
  for (const { detector, confidence, calibrated } of signals)
    surest.set(detector, Math.max(surest.get(detector) ?? 0, calibrated?.raw ?? confidence))
  const said = [...surest].sort(([a], [b]) => (a < b ? -1 : 1))
  return { incident, ...word, said: said.map(([detector, confidence]) => ({ detector, confidence })) }
}

/** How a detector is set, over its defaults and the configuration. */
export interface DetectorSetting {
  readonly detector: string
  readonly enabled?: boolean
  readonly options: Readonly<Record<string, number>>
  readonly at: number
  readonly by: string
}

/**
 * What people say of detection: an input of it like the calls, each word with its time, so that a replay with the same words gives the
 * same answer.
 */
export interface Tuning {
  readonly version: number
  /** Also those that ran out or were taken back: they held at their time. */
  readonly suppressions: readonly Suppression[]
  readonly feedback: readonly Feedback[]
  readonly settings: readonly DetectorSetting[]
}

export const noTuning: Tuning = Object.freeze({ version: 0, suppressions: [], feedback: [], settings: [] })
