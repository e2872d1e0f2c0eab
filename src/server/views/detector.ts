import type { Incident } from '../../detect/incident.ts'
import type { DetectorStanding } from '../../detect/tuning/standing.ts'
import { wilsonInterval } from '../../kit/wilson.ts'
import type { DetectorView } from '../api/detector.ts'
import type { Backend, DetectorStatus } from '../backend.ts'
import { present } from './present.ts'
import { tuningStanding } from './tuning-standing.ts'

const dayMs = 86_400_000

/** Incidents that are looked at for the counts by detector: the newest. */
const incidentPages = 5

/** What there is to say of detectors, one view for each. */
export async function detectorViews(
  backend: Backend,
  detectors: readonly DetectorStatus[],
  now: number,
): Promise<readonly DetectorView[]> {
  const { state } = backend
  const [week, month, incidents, feedback, suppressions, tuning] = await Promise.all([
    state.signalCounts(now - 7 * dayMs),
    state.signalCounts(now - 30 * dayMs),
    incidentCounts(backend, now - 30 * dayMs),
    state.feedback(),
    state.suppressions(now),
    tuningStanding(backend),
  ])
  const standings = new Map((tuning?.detectors ?? []).map(one => [one.detector, one]))
  return detectors.map(({ facts, enabled, options, configured }) => {
    const { id } = facts
    const words = feedback.filter(({ said }) => said.some(({ detector }) => detector === id))
    const confirmed = words.filter(({ verdict }) => verdict === 'attack').length
    const standing: DetectorStanding = standings.get(id) ?? unknown(id)
    return {
      id,
      title: facts.title,
      summary: facts.summary,
      kind: facts.kind ?? 'deterministic',
      family: facts.family,
      severity: facts.severity,
      owasp: facts.owasp,
      attack: facts.attack,
      whenNotAnAttack: facts.whenNotAnAttack,
      enabled,
      options: Object.entries(facts.options).map(([name, { default: own, reason }]) => ({
        name,
        value: options[name] ?? own,
        default: configured[name] ?? own,
        reason,
      })),
      signals7d: week.get(id) ?? 0,
      signals30d: month.get(id) ?? 0,
      incidents30d: incidents.get(id) ?? 0,
      confirmed,
      dismissed: words.length - confirmed,
      precision: precisionOf(confirmed, words.length),
      suppressions: suppressions.filter(({ detector }) => detector === id).length,
      suppressed: standing.suppressed,
      held: standing.held,
      threshold: standing.threshold,
      calibration: standing.calibration,
    }
  })
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000

function precisionOf(confirmed: number, n: number): DetectorView['precision'] {
  const { low, high } = wilsonInterval(confirmed, n)
  return { value: n === 0 ? null : round(confirmed / n), low: round(low), high: round(high), n }
}

const unknown = (detector: string): DetectorStanding => ({
  detector,
  suppressed: 0,
  held: 0,
  threshold: { value: 0, base: 0, why: 'It does not run.' },
  calibration: { method: 'none', n: 0 },
})

async function incidentCounts(backend: Backend, since: number): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  let cursor: string | undefined
  for (let page = 0; page < incidentPages; page += 1) {
    const found: { readonly items: readonly Incident[]; readonly cursor?: string } =
      await backend.state.incidents(present({ since, limit: 1_000, cursor }))
    for (const { detectors } of found.items)
      for (const detector of detectors) counts.set(detector, (counts.get(detector) ?? 0) + 1)
    cursor = found.cursor
    if (cursor === undefined) break
  }
  return counts
}
