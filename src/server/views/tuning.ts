import type { SuppressionHits, TuningStanding } from '../../detect/tuning/standing.ts'
import type { Suppression } from '../../detect/tuning/suppression.ts'
import type { Feedback } from '../../detect/tuning/tuning.ts'
import { SallyportError } from '../../kit/error.ts'
import type { FeedbackView, SuppressionView } from '../api.ts'
import type { Backend } from '../backend.ts'
import { present } from './present.ts'
import { stamp } from './views.ts'

/** How analysis stands with it; undefined while it does not answer: what the store knows is told all the same. */
export async function tuningStanding(backend: Backend): Promise<TuningStanding | undefined> {
  try {
    return await backend.askGraph('tuning', {})
  } catch (thrown) {
    if (SallyportError.from(thrown).code === 'server/busy') return undefined
    throw thrown
  }
}

type Hits = ReadonlyMap<string, SuppressionHits>

export const hitsOf = async (backend: Backend): Promise<Hits> =>
  new Map(((await tuningStanding(backend))?.hits ?? []).map(one => [one.id, one]))

export function suppressionViewOf(
  suppression: Suppression,
  backend: Pick<Backend, 'detectorText'>,
  hits: Hits = new Map(),
): SuppressionView {
  const { at, expiresAt, removedAt, ...said } = suppression
  const hit = hits.get(suppression.id)
  return present({
    ...said,
    detectorTitle: backend.detectorText(suppression.detector)?.title ?? suppression.detector,
    at: stamp(at),
    expiresAt: stamp(expiresAt),
    removedAt: removedAt === undefined ? undefined : stamp(removedAt),
    hits: hit?.hits ?? 0,
    lastHit: hit === undefined ? undefined : stamp(hit.lastHit),
  })
}

export const feedbackViewOf = ({ incident, verdict, note, at, by, said }: Feedback): FeedbackView =>
  present({ incident, verdict, note, at: stamp(at), by, detectors: said.map(({ detector }) => detector) })
