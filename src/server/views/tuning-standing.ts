import type { TuningStanding } from '../../detect/tuning/standing.ts'
import { SallyportError } from '../../kit/error.ts'
import type { Backend } from '../backend.ts'

/** How analysis stands with it; undefined while it does not answer: what the store knows is told all the same. */
export async function tuningStanding(backend: Backend): Promise<TuningStanding | undefined> {
  try {
    return await backend.askGraph('tuning', {})
  } catch (thrown) {
    if (SallyportError.from(thrown).code === 'server/busy') return undefined
    throw thrown
  }
}
