import type { PrincipalView } from '../../../src/server/api/principal.ts'
import { principalName } from './names.ts'
import { count, listed, plural } from './number.ts'

type Principal = Pick<PrincipalView, 'id' | 'risk' | 'quarantine'>

/** How many there are, and who of them stands out. */
export function principalsSentence(principals: readonly Principal[], q: string): string {
  const stopped = principals.filter(principal => principal.quarantine !== undefined).length
  const risky = principals.filter(principal => principal.risk >= 60)
  const found =
    q === ''
      ? plural(principals.length, 'principal')
      : `${plural(principals.length, 'principal')} with “${q}”`
  const out =
    risky.length === 0
      ? 'nobody stands out'
      : `${listed(
          risky.map(({ id }) => principalName(id)),
          3,
        )} ${risky.length === 1 ? 'stands' : 'stand'} out`
  const held = stopped === 0 ? '' : ` ${count(stopped)} ${stopped === 1 ? 'is' : 'are'} being stopped.`
  return `${found}; ${out}.${held}`
}

/** One principal in a sentence: what they are, how much they call and how that is judged. */
export function principalSentence(principal: PrincipalView): string {
  const tenant = principal.tenant === undefined ? '' : ` of tenant ${principal.tenant}`
  const roles =
    principal.roles.length === 0
      ? ''
      : ` with the ${principal.roles.length === 1 ? 'role' : 'roles'} ${listed(principal.roles)}`
  const judged =
    principal.quarantine !== undefined
      ? 'They are being stopped.'
      : principal.risk >= 60
        ? 'What they did is not how anyone else behaves here.'
        : principal.risk > 0
          ? 'Some of what they did was unusual.'
          : 'Nothing they did was unusual.'
  const is = principal.kind === 'anonymous' ? 'gave no credential' : `is a ${principal.kind}`
  return `${principalName(principal.id)} ${is}${tenant}${roles}, seen in ${plural(principal.calls, 'call')} to ${plural(principal.endpoints.length, 'endpoint')}. ${judged}`
}
