import type { SuppressionHits } from '../../detect/tuning/standing.ts'
import type { Suppression } from '../../detect/tuning/suppression.ts'
import type { SuppressionView } from '../api/suppression.ts'
import type { Backend } from '../backend.ts'
import { present } from './present.ts'
import { stamp } from './stamp.ts'
import { tuningStanding } from './tuning-standing.ts'

type Hits = ReadonlyMap<string, SuppressionHits>

/** What suppressions kept from being raised, by id; empty while analysis does not answer. */
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
