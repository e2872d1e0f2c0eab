import type { SallyportEvent } from '../../call/event.ts'
import type { JsonRecord } from '../../call/field-reader.ts'
import { firstText, known, recordAt, textAt, timeAt } from '../files/fields.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { awsIdentity, awsSession } from './aws-identity.ts'
import { awsStores } from './aws-stores.ts'
import { type CloudRecord, identityUse, nameOf, storeUses } from './cloud-use.ts'

/**
 * AWS CloudTrail (AWS CloudTrail User Guide, "CloudTrail record contents"): `{"Records": […]}` files, a record a line, or EventBridge's
 * envelope (`detail-type` "AWS API Call via CloudTrail", "… Console Sign In via CloudTrail").
 */
export const cloudtrailDialect: JsonDialect = {
  id: 'cloudtrail',
  title: 'AWS CloudTrail records (JSON)',
  is: outer => {
    const record = recordIn(outer)
    return (
      typeof record.eventSource === 'string' &&
      typeof record.eventName === 'string' &&
      typeof record.eventTime === 'string' &&
      ('userIdentity' in record || 'eventVersion' in record)
    )
  },
  timeOf: outer => timeAt(recordIn(outer), 'eventTime'),
  read: (outer, place) => {
    const record = recordIn(outer)
    const time = timeAt(record, 'eventTime')
    const eventSource = textAt(record, 'eventSource')
    const eventName = textAt(record, 'eventName')
    if (time === undefined) return '`eventTime` is missing or no RFC 3339 time.'
    if (eventSource === undefined || eventName === undefined)
      return '`eventSource` and `eventName` are missing.'
    return eventsOf(record, eventSource, eventName, time, place)
  },
}

const recordIn = (outer: JsonRecord): JsonRecord =>
  typeof outer['detail-type'] === 'string' ? (recordAt(outer, 'detail') ?? outer) : outer

function eventsOf(
  record: JsonRecord,
  eventSource: string,
  eventName: string,
  time: number,
  place: JsonPlace,
): readonly SallyportEvent[] {
  const user = recordAt(record, 'userIdentity')
  const parameters = recordAt(record, 'requestParameters')
  const error = nameOf(textAt(record, 'errorCode'))
  const use: CloudRecord = {
    id: textAt(record, 'eventID') ?? place.id,
    time,
    source: 'cloudtrail',
    identity: awsIdentity(user),
    address: addressOf(textAt(record, 'sourceIPAddress')),
    denied: isDenied(record, eventName, error),
    operation: eventName,
    extra: known({
      service: eventSource.replace(/\.amazonaws\.com$/, ''),
      region: textAt(record, 'awsRegion'),
      account: textAt(record, 'recipientAccountId'),
      error,
      invokedBy: nameOf(textAt(user, 'invokedBy')),
      ...awsSession(user),
    }),
  }
  if (eventSource === 'sts.amazonaws.com') return tokens(use, eventName, parameters, record)
  if (eventSource === 'signin.amazonaws.com') {
    return eventName === 'ConsoleLogin'
      ? [identityUse(use, 'login')]
      : eventName === 'SwitchRole'
        ? [identityUse(use, 'assume', roleTarget(textAt(record, 'additionalEventData.SwitchTo')))]
        : [identityUse(use, 'use')]
  }
  if (eventSource === 'iam.amazonaws.com' && record.readOnly !== true)
    return [identityUse(use, 'change', iamTarget(parameters, textAt(record, 'recipientAccountId')))]
  // A failure that is no refusal reached nothing.
  if (error !== undefined && !use.denied) return [identityUse(use, 'use')]
  const stores = awsStores(eventSource, eventName, parameters, record)
  return stores.length > 0 ? storeUses(use, stores) : [identityUse(use, 'use')]
}

function tokens(
  use: CloudRecord,
  eventName: string,
  parameters: JsonRecord | undefined,
  record: JsonRecord,
): readonly SallyportEvent[] {
  if (/^AssumeRole/.test(eventName)) {
    // A service that takes on a role for a workload stands for itself.
    return [identityUse(use, 'assume', roleTarget(textAt(parameters, 'roleArn')))]
  }
  if (/^Get(?:FederationToken|SessionToken)$/.test(eventName)) {
    const name = nameOf(textAt(parameters, 'name') ?? textAt(record, 'responseElements.federatedUser.arn'))
    return [identityUse(use, 'issue', name === undefined ? undefined : `user:${name}`)]
  }
  return [identityUse(use, 'use')]
}

const roleTarget = (arn: string | undefined): string | undefined =>
  nameOf(arn) === undefined ? undefined : `role:${arn}`

/** Whom a change of rights is about: `role:…`, `user:…`, `group:…`; by ARN where the account is known. */
function iamTarget(parameters: JsonRecord | undefined, account: string | undefined): string | undefined {
  for (const kind of ['role', 'user', 'group'] as const) {
    const name = nameOf(textAt(parameters, `${kind}Name`))
    if (name !== undefined)
      return account === undefined ? `${kind}:${name}` : `${kind}:arn:aws:iam::${account}:${kind}/${name}`
  }
  const policy = nameOf(textAt(parameters, 'policyArn') ?? textAt(parameters, 'policyName'))
  return policy === undefined ? undefined : `policy:${policy}`
}

const refusals =
  /Denied|Unauthorized|Forbidden|NotAuthorized|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|AuthFailure|InvalidIdentityToken/i

function isDenied(record: JsonRecord, eventName: string, error: string | undefined): boolean {
  if (error !== undefined && refusals.test(error)) return true
  return eventName === 'ConsoleLogin' && firstText(record, ['responseElements.ConsoleLogin']) === 'Failure'
}

/** An address; services stand there by name. */
const addressOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(text) && /\d/.test(text) ? text : undefined
