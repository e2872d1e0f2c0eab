import type { QuarantinePreviewView, QuarantineView } from '../../../src/server/api/quarantine.ts'
import { listed, plural } from './number.ts'
import { span } from './time.ts'

const kinds: readonly (readonly [QuarantineView['kind'], string])[] = [
  ['principal', 'principal'],
  ['token', 'token'],
  ['device', 'device'],
]

/** Who is shut out, and when the next of them is let in again. */
export function quarantineSentence(entries: readonly QuarantineView[], now: number = Date.now()): string {
  if (entries.length === 0) return 'Nobody is being stopped.'
  const counts = kinds
    .map(([kind, word]) => [entries.filter(entry => entry.kind === kind).length, word] as const)
    .filter(([found]) => found > 0)
    .map(([found, word]) => plural(found, word))
  const next = Math.min(...entries.map(({ expiresAt }) => Date.parse(expiresAt)))
  const left = Math.max(0, Math.round((next - now) / 1000))
  return `${listed(counts)} ${entries.length === 1 ? 'is' : 'are'} being stopped. ${entries.length === 1 ? 'It ends' : 'The first ends'} in ${span(left)}.`
}

/** What shutting it out would have touched in the last day. */
export function previewSentence({ calls, principals, truncated, shared }: QuarantinePreviewView): string {
  if (calls === 0) return 'would have touched no call in 24 hours'
  const least = truncated ? 'at least ' : ''
  const whom = principals > 1 ? ` of ${plural(principals, 'principal')}` : ''
  return `would have touched ${least}${plural(calls, 'call')}${whom} in 24 hours${shared ? ': it is shared' : ''}`
}

/** `policy:no-export` names the policy that shut someone out. */
export const policyOf = (by: string): string | undefined =>
  by.startsWith('policy:') ? by.slice('policy:'.length) : undefined
