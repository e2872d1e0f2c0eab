import type { CallBucketView } from '../../../src/server/api/call-bucket.ts'
import type { CallFilter, Range } from './call-filter.ts'
import { principalName } from './names.ts'
import { count, plural } from './number.ts'
import { period } from './time.ts'

const when: Readonly<Record<Range, string>> = {
  '15m': 'in the last 15 minutes',
  '1h': 'in the last hour',
  '24h': 'in the last 24 hours',
  '7d': 'in the last 7 days',
  all: 'on record',
}

/** How many calls the filter finds and what became of them. */
export function callsSentence(buckets: readonly CallBucketView[] | undefined, filter: CallFilter): string {
  if (buckets === undefined) return 'Every call, searchable.'
  const sum = (of: 'calls' | 'refused' | 'failed'): number =>
    buckets.reduce((total, bucket) => total + bucket[of], 0)
  const calls = sum('calls')
  const { since, until } = filter
  const time =
    since === undefined
      ? when[filter.range]
      : `from ${period(new Date(since).toISOString(), new Date(until ?? Date.now()).toISOString())}`
  const by = filter.only.principal === undefined ? '' : ` by ${principalName(filter.only.principal)}`
  if (calls === 0 && filter.ids.length > 0)
    return filter.ids.length === 1 ? 'What was chosen is no call.' : 'None of what was chosen is a call.'
  if (calls === 0) return `No calls${by} ${time}.`
  const refused = sum('refused')
  const failed = sum('failed')
  const became = [
    refused > 0 ? `${count(refused)} refused` : '',
    failed > 0 ? `${count(failed)} failed` : '',
  ].filter(Boolean)
  return `${plural(calls, 'call')}${by} ${time}${became.length > 0 ? `, ${became.join(' and ')}` : ', all answered'}.`
}
