import type { Observation } from '../baseline/observation.ts'
import type { EndpointId, PrincipalId, TenantId } from '../kit/id.ts'

/** The caller of a call and where it went, as a finding names them. */
export const blame = (
  o: Observation,
): { readonly principal: PrincipalId; readonly tenant?: TenantId; readonly endpoint: EndpointId } => ({
  principal: o.identity.principal,
  ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
  endpoint: o.match.endpoint,
})

/** Clients without a login share their software with many: their address tells them apart. */
export const callerOf = ({ identity, call }: Observation): string =>
  identity.kind === 'anonymous' ? `${identity.principal}@${call.source.ip ?? ''}` : identity.principal
