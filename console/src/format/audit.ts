import type { AuditView } from '../api/types.ts'
import { factText } from './facts.ts'
import { principalName, words } from './names.ts'
import { span } from './time.ts'

const verbs: Readonly<Record<string, string>> = {
  'incident.close': 'closed the incident',
  'incident.reopen': 'reopened the incident',
  'incident.action': 'acted on',
  'quarantine.add': 'stopped',
  'quarantine.release': 'released',
  'policy.put': 'wrote the policy',
  'policy.delete': 'deleted the policy',
  'token.create': 'made the token',
  'token.revoke': 'revoked the token',
  'session.create': 'signed in as',
  'session.delete': 'signed out',
  'bypass.on': 'turned the kill switch on',
  'bypass.off': 'turned the kill switch off',
  'bypass.set': 'set the kill switch',
}

/** One record of the audit log as a sentence. Actions without a wording of their own are told by their name. */
export function auditSentence(record: AuditView): string {
  const who = principalName(record.actor)
  const verb = verbs[record.action] ?? words(record.action)
  const ownTarget = record.action.startsWith('incident.') || record.action.startsWith('bypass.')
  const target = ownTarget || record.target === '' ? '' : ` ${record.target}`
  const { ttlSeconds, ...rest } = record.detail
  const lasting = typeof ttlSeconds === 'number' ? ` for ${span(ttlSeconds)}` : ''
  const more = Object.entries(rest)
    .filter(
      ([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean',
    )
    .map(([key, value]) => `${words(key)}: ${factText(value)}`)
  return `${who} ${verb}${target}${lasting}${more.length > 0 ? ` (${more.join(', ')})` : ''}.`
}
