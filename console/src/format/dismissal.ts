import type { DismissalReason, DismissalScope } from '../../../src/detect/tuning/suppression.ts'
import type { IncidentView } from '../../../src/server/api/incident.ts'
import { endpointShort, principalName, words } from './names.ts'
import { listed, plural } from './number.ts'
import { shortTime } from './time.ts'

/** Why something is dismissed, in the order in which it happens. */
export const reasonWords: Readonly<Record<DismissalReason, string>> = {
  'expected-behaviour': 'Expected behaviour',
  'not-an-attack': 'Not an attack',
  test: 'A test of ours',
  duplicate: 'Told by another incident',
  'accepted-risk': 'A risk we accept',
}

export const reasons = Object.keys(reasonWords) as readonly DismissalReason[]
export const dismissalSpans = [7, 30, 90] as const

type Incident = Pick<IncidentView, 'principals' | 'endpoints' | 'detectors'>

const longest = 90
const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text)

const whoOf = (incidents: readonly Incident[]): string => {
  const [first] = incidents
  if (incidents.length !== 1 || first === undefined) return 'the same actor'
  return first.principals.length === 0
    ? 'the same actor'
    : cut(listed(first.principals.map(principalName), 2))
}

const whereOf = (incidents: readonly Incident[]): string => {
  const [first] = incidents
  if (incidents.length !== 1 || first === undefined || first.endpoints.length === 0)
    return 'the same endpoint'
  return cut(listed(first.endpoints.map(endpointShort), 2))
}

/** What a dismissal would cover, told of the very incidents it is about. */
export function scopeWords(scope: DismissalScope, incidents: readonly Incident[]): string {
  const who = whoOf(incidents)
  const where = whereOf(incidents)
  if (scope === 'actor-detector-endpoint') return `Only ${who} at ${where}`
  if (scope === 'actor-detector') return `Only ${who}, at any endpoint`
  return `Anyone, at ${where}`
}

/** What is and what is not raised any more, and until when. */
export function dismissalEffect(
  scope: DismissalScope,
  incidents: readonly Incident[],
  days: number,
  now: Date = new Date(),
): string {
  const until = shortTime(new Date(now.getTime() + days * 86_400_000).toISOString(), now)
  const detectors = [...new Set(incidents.flatMap(incident => incident.detectors))]
  const which =
    detectors.length === 1
      ? `what ${words(detectors[0] ?? '')} finds`
      : `what the same ${plural(detectors.length, 'detector')} find`
  const of =
    scope === 'actor-detector-endpoint'
      ? `of ${whoOf(incidents)} at ${whereOf(incidents)}`
      : scope === 'actor-detector'
        ? `of ${whoOf(incidents)}, wherever it happens,`
        : `at ${whereOf(incidents)}, whoever does it,`
  const closes =
    incidents.length === 1 ? 'Closes the incident.' : `Closes ${plural(incidents.length, 'incident')}.`
  return `${closes} Until ${until}, ${which} ${of} is counted and not raised. Everything else is raised as before, and so is a success where only refused attempts are dismissed.`
}

/** A dismissal that holds, in one line: what is not raised. */
export function suppressionWords(suppression: {
  readonly detectorTitle: string
  readonly actor?: string
  readonly endpoint?: string
  readonly attemptsOnly: boolean
}): string {
  const { detectorTitle, actor, endpoint, attemptsOnly } = suppression
  const who = actor === undefined ? 'by anyone' : `by ${principalName(actor)}`
  const where = endpoint === undefined ? 'anywhere' : `at ${endpointShort(endpoint)}`
  return `${detectorTitle} ${who} ${where}${attemptsOnly ? ', while it is refused' : ''}`
}
