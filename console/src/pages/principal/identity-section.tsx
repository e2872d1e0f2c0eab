import { Link } from 'react-router'
import type { CallView } from '../../../../src/server/api/call.ts'
import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import { useCall, useCalls } from '../../api/calls.ts'
import { claimLines, identitySentence } from '../../format/identity.ts'
import { callsPath } from '../../format/paths.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'

/** Who this is, and how that is known: what the newest call brought as proof. */
export function IdentitySection({ principal }: { readonly principal: PrincipalView }) {
  const newest = useCalls({ principal: principal.id })
  const id = newest.data?.pages[0]?.items[0]?.id
  const call = useCall(id)
  return (
    <Section title="Who this is">
      <Loaded query={newest} doing="Loading how they are known">
        {() =>
          id === undefined ? (
            <p className="dim">None of their calls is kept any more: only what was counted is known.</p>
          ) : (
            <Loaded query={call} doing="Loading what the newest call brought">
              {view => <Proof principal={principal} call={view} />}
            </Loaded>
          )
        }
      </Loaded>
    </Section>
  )
}

function Proof({ principal, call }: { readonly principal: PrincipalView; readonly call: CallView }) {
  const credentials = call.credentials ?? []
  const claims = claimLines(credentials)
  return (
    <>
      <p>{identitySentence(principal, credentials)}</p>
      {claims.length > 0 && (
        <dl className="facts">
          {claims.map(([name, value]) => (
            <Claim key={name} name={name} value={value} />
          ))}
        </dl>
      )}
      <p className="dim">
        As of <Link to={callsPath({ ids: call.id, range: 'all', call: call.id })}>their newest call</Link>,{' '}
        <Moment at={call.time} withAgo />.
      </p>
    </>
  )
}

function Claim({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt className="mono">{name}</dt>
      <dd className="mono">
        <bdi>{value}</bdi>
      </dd>
    </>
  )
}
