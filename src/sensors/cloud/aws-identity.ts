import type { JsonRecord } from '../../call/field-reader.ts'
import { recordAt, textAt } from '../files/fields.ts'

/**
 * Who acted, of CloudTrail's `userIdentity` (AWS CloudTrail User Guide, "userIdentity element"): a role by its own ARN whatever session
 * it was in; a Kubernetes service account as `service-account:namespace/name`, the name it has in its cluster.
 */
export function awsIdentity(user: JsonRecord | undefined): string {
  const type = textAt(user, 'type')
  const arn = textAt(user, 'arn')
  switch (type) {
    case 'AssumedRole': {
      const issuer = textAt(user, 'sessionContext.sessionIssuer.arn')
      return issuer !== undefined ? `role:${issuer}` : (roleOfSession(arn) ?? `role:${arn ?? 'unknown'}`)
    }
    case 'Role':
      return `role:${arn ?? textAt(user, 'userName') ?? 'unknown'}`
    case 'Root':
      return `user:${arn ?? `arn:aws:iam::${textAt(user, 'accountId') ?? ''}:root`}`
    case 'AWSService':
      return `service:${textAt(user, 'invokedBy') ?? 'aws'}`
    case 'AWSAccount':
      return `account:${textAt(user, 'accountId') ?? 'unknown'}`
    case 'WebIdentityUser':
    case 'SAMLUser': {
      const name = textAt(user, 'userName') ?? textAt(user, 'principalId') ?? 'unknown'
      return kubernetesAccount(name) ?? `user:${name}`
    }
    case 'IdentityCenterUser':
      return `user:${textAt(user, 'onBehalfOf.userId') ?? 'unknown'}`
    default:
      return `user:${arn ?? textAt(user, 'userName') ?? textAt(user, 'principalId') ?? textAt(user, 'invokedBy') ?? 'unknown'}`
  }
}

/** `arn:aws:sts::1:assumed-role/name/session` → `role:arn:aws:iam::1:role/name`. The path of the role is not in a session's ARN. */
export function roleOfSession(arn: string | undefined): string | undefined {
  const match = /^arn:(aws[a-z-]{0,16}):sts::(\d{0,12}):assumed-role\/([\w+=,.@-]{1,64})(?:\/|$)/.exec(
    arn ?? '',
  )
  return match === null ? undefined : `role:arn:${match[1]}:iam::${match[2]}:role/${match[3]}`
}

/** `system:serviceaccount:shop:orders` → `service-account:shop/orders`. */
export function kubernetesAccount(name: string): string | undefined {
  const match = /^system:serviceaccount:([a-z0-9.-]{1,253}):([a-z0-9.-]{1,253})$/.exec(name)
  return match === null ? undefined : `service-account:${match[1]}/${match[2]}`
}

/** The session's own name and what it was begun with, for those who follow a session. */
export function awsSession(user: JsonRecord | undefined): Readonly<Record<string, unknown>> {
  const arn = textAt(user, 'arn')
  const session = textAt(user, 'type') === 'AssumedRole' ? arn?.slice(arn.lastIndexOf('/') + 1) : undefined
  const mfa = textAt(recordAt(user, 'sessionContext.attributes'), 'mfaAuthenticated')
  return {
    ...(session === undefined ? {} : { session }),
    ...(mfa === undefined ? {} : { mfa: mfa === 'true' }),
  }
}
