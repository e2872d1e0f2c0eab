import { fullStop } from './names.ts'
import { plainNames } from './plain-names.ts'
import { period } from './time.ts'

const minute = '\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}'
const tail = new RegExp(
  `^(.*) \\((${minute})(?: to (?:(\\d{4}-\\d{2}-\\d{2}) )?(\\d{2}:\\d{2}))? UTC\\)\\.?$`,
  's',
)

/**
 * An incident's sentence as the reader should see it. The stored one ends in the time in UTC, `(2026-11-22 14:02 to
 * 14:31 UTC)`; here it is told in the reader's own zone, and `principals` are called by their names.
 */
export function incidentSentence(
  title: string,
  principals: readonly string[] = [],
  now: Date = new Date(),
): string {
  const named = plainNames(title, principals)
  const found = tail.exec(named)
  const [, sentence, from, day, clock] = found ?? []
  if (sentence === undefined || from === undefined) return fullStop(named)
  const to = clock === undefined ? from : `${day ?? from.slice(0, 10)} ${clock}`
  const iso = (text: string): string => `${text.replace(' ', 'T')}:00.000Z`
  const when = period(iso(from), iso(to), now)
  return `${sentence}, ${when}.`
}
