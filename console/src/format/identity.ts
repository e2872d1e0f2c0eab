import type { CallView } from '../../../src/server/api/call.ts'
import type { PrincipalView } from '../../../src/server/api/principal.ts'
import { principalName, visible, words } from './names.ts'
import { listed } from './number.ts'

type Credentials = NonNullable<CallView['credentials']>

const verified: Readonly<Record<string, string>> = {
  verified: 'which was verified',
  unverified: 'which nobody here has verified',
  invalid: 'which is not valid',
}

/** How it is known who they are, and how far that can be trusted. */
export function identitySentence(
  principal: Pick<PrincipalView, 'id' | 'kind'>,
  credentials: Credentials,
): string {
  const name = principalName(principal.id)
  if (credentials.length === 0)
    return principal.kind === 'anonymous'
      ? `${name} brought no credential: calls are told apart by the client that made them, which anybody can imitate.`
      : `${name} is named by whoever passed the call on; the call itself brought no credential.`
  const brought = credentials.map(
    ({ scheme, at, verification }) =>
      `${words(scheme)} in the ${words(at).replace(':', ' ')}, ${verified[verification] ?? `of which the check says “${verification}”`}`,
  )
  return `${name} is known by ${listed(brought, 3)}.`
}

/** Claims that tell who somebody is, in this order; the rest of a token is with the call. */
const telling = [
  'iss',
  'sub',
  'aud',
  'azp',
  'client_id',
  'email',
  'tenant',
  'tid',
  'org_id',
  'roles',
  'role',
  'scope',
  'scp',
  'act',
]
const longest = 200

export function claimLines(credentials: Credentials): readonly (readonly [string, string])[] {
  const lines = new Map<string, string>()
  for (const { claims } of credentials) {
    for (const name of telling) {
      const value = claims !== undefined && Object.hasOwn(claims, name) ? claims[name] : undefined
      if (value === undefined || lines.has(name)) continue
      const text = visible(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
      lines.set(name, text.length > longest ? `${text.slice(0, longest)}…` : text)
    }
  }
  return [...lines]
}
