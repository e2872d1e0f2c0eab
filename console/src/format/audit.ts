import type { AuditView } from '../../../src/server/api/audit.ts'
import { factText } from './facts.ts'
import { principalName, words } from './names.ts'
import { plural } from './number.ts'
import { shortTime } from './time.ts'

type Detail = AuditView['detail']

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const until = (detail: Detail): string =>
  typeof detail.until === 'string' ? ` until ${shortTime(detail.until)}` : ''

const because = (detail: Detail): string => (text(detail.reason) === '' ? '' : `: ${text(detail.reason)}`)

const overridden = (detail: Detail): string =>
  text(detail.override) === '' ? '' : `, all the same: ${text(detail.override)}`

const stageOf = (detail: Detail): string =>
  detail.mode === 'canary' ? `canary at ${text(detail.percent)} %` : text(detail.mode)

/** What was done, by action: the rest of a sentence that begins with who did it. */
const tellings: Readonly<Record<string, (target: string, detail: Detail) => string>> = {
  'incident.act': (_, detail) => `stopped ${text(detail.target)}${until(detail)}`,
  'incident.close': (_, detail) => `closed the incident: ${text(detail.reason)}`,
  'incident.reopen': (_, detail) => `reopened the incident${because(detail)}`,
  'incident.dismiss': (_, detail) =>
    `dismissed the incident${typeof detail.days === 'number' ? ` for ${plural(detail.days, 'day')}` : ''}: ${words(text(detail.reason))}`,
  'incident.feedback': (_, detail) =>
    `said that it was ${text(detail.verdict) === 'attack' ? 'an attack' : 'no attack'}`,
  'suppression.remove': (_, detail) => `ended a dismissal of ${words(text(detail.detector))}`,
  'detector.set': (target, detail) => {
    const turned = detail.enabled === true ? ['on'] : detail.enabled === false ? ['off'] : []
    const options = Object.entries(recordOf(detail.options)).map(
      ([name, value]) => `${words(name)} ${value === null ? 'back to its default' : factText(value)}`,
    )
    return `set the detector ${words(target)}: ${[...turned, ...options].join(', ')}`
  },
  'quarantine.add': (_, detail) => `stopped ${text(detail.target)}${until(detail)}: ${text(detail.reason)}`,
  'quarantine.extend': (_, detail) => `kept ${text(detail.target)} out for longer,${until(detail)}`,
  'quarantine.release': (target, detail) => `released ${text(detail.target) || target}`,
  'policy.put': (target, detail) =>
    `wrote version ${text(detail.version)} of the policy ${target}${overridden(detail)}`,
  'policy.promote': (target, detail) =>
    `brought the policy ${target} to ${stageOf(detail)}${overridden(detail)}`,
  'policy.rollback': (target, detail) =>
    detail.automatic === true
      ? `put the policy ${target} back to shadow: ${text(detail.why)}`
      : `brought back what the policy ${target} said before (${stageOf(detail)})${overridden(detail)}`,
  'policy.delete': target => `deleted the policy ${target}`,
  'token.create': (_, detail) => `made the token ${text(detail.name)} with the role ${text(detail.role)}`,
  'token.revoke': target => `revoked the token ${target}`,
  'session.create': (_, detail) => `signed in with a ${text(detail.with) || 'token'}`,
  'session.delete': () => 'signed out',
  'endpoint.label': (target, detail) => {
    const said = Object.entries(detail).filter(([key]) => key !== 'reason')
    const told = said.map(([key, value]) =>
      value === null ? `no ${words(key)} any more` : `${words(key)} ${factText(value)}`,
    )
    return `said of ${target}: ${told.join(', ')}${because(detail)}`
  },
  'pin.add': (_, detail) =>
    `fixed the template ${text(detail.host)}${text(detail.template)}${because(detail)}`,
  'pin.delete': (_, detail) => `took the template ${text(detail.host)}${text(detail.template)} back`,
  'finding.dismiss': (_, detail) =>
    `dismissed ${words(text(detail.rule))} at ${text(detail.endpoint)}${typeof detail.days === 'number' ? ` for ${plural(detail.days, 'day')}` : ''}${because(detail)}`,
  'finding.reopen': target => `reopened the finding ${target}`,
  'spec.put': (target, detail) =>
    `gave the specification ${target}${text(detail.version) === '' ? '' : `, version ${text(detail.version)}`}`,
  'spec.delete': target => `took the specification ${target} back`,
  'bypass.set': (_, detail) =>
    detail.on === true ? 'turned the kill switch on' : 'turned the kill switch off',
}

/** One record of the audit log as a sentence. Actions without a wording of their own are told by their name and details. */
export function auditSentence(record: AuditView): string {
  const who = principalName(record.actor)
  const telling = Object.hasOwn(tellings, record.action) ? tellings[record.action] : undefined
  if (telling !== undefined) return `${who} ${telling(record.target, record.detail)}.`
  const details = Object.entries(record.detail)
    .filter(
      ([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean',
    )
    .map(([key, value]) => `${words(key)}: ${factText(value)}`)
  return `${who} did ${words(record.action)} on ${record.target}${details.length > 0 ? ` (${details.join(', ')})` : ''}.`
}
