import type { Incident } from '../detect/incident.ts'
import type { StateStore } from '../store/ports/state-store.ts'

const mostPages = 5

/**
 * Incidents that are taken for attacks, of the newest 5,000: what a person called one, and what is open or contained and nobody called
 * harmless.
 */
export async function knownAttacks(state: StateStore): Promise<readonly Incident[]> {
  const [feedback, resolutions] = await Promise.all([state.feedback(), state.resolutions()])
  const words = new Map<string, string>(feedback.map(({ incident, verdict }) => [incident, verdict]))
  const closed = new Set<string>(resolutions.map(({ incident }) => incident))
  const found: Incident[] = []
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const { items, cursor: next } = await state.incidents({
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const incident of items) {
      const word = words.get(incident.id)
      if (word === 'attack' || (word === undefined && !closed.has(incident.id))) found.push(incident)
    }
    cursor = next
    if (cursor === undefined) break
  }
  return found
}
