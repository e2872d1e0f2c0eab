import type { ActionView } from '../../../src/server/api/incident.ts'
import { plural } from './number.ts'

/** What an action would have done to the traffic of the last day, people who are not meant named first when there are any. */
export function effectSentence(effect: ActionView['effect']): string {
  const touched = `${plural(effect.principals, 'principal')} and ${plural(effect.calls, 'call')} in the last 24 hours`
  const others =
    effect.others === 0
      ? 'nobody else'
      : `${plural(effect.others, 'other principal')} who did nothing wrong as far as is known`
  return `Would have touched ${touched}, and ${others}.`
}
