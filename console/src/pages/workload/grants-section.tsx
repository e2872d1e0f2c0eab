import type { EntitlementView } from '../../../../src/server/api/entitlement.ts'
import type { WorkloadDetailView } from '../../../../src/server/api/workload.ts'
import { useReach } from '../../api/graph.ts'
import { useEntitlements } from '../../api/workloads.ts'
import { nodeName } from '../../format/graph-names.ts'
import { count } from '../../format/number.ts'
import { grantsOf, grantsSentence } from '../../format/workloads.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { NodeLink } from '../../parts/node-link.tsx'
import { Section } from '../../parts/section.tsx'

/** What it runs as, what that is granted, and what of it was used. */
export function GrantsSection({ workload }: { readonly workload: WorkloadDetailView }) {
  const known = workload.identities.length > 0
  const entitlements = useEntitlements(known)
  const reach = useReach(`workload:${workload.id}`)
  const takenOn = (reach.data?.identities ?? []).map(({ node }) => node.id)
  const further = takenOn.filter(id => !workload.identities.some(({ to }) => to === id))
  return (
    <Section title="What it runs as">
      {known ? (
        <>
          <p className="row">
            {workload.identities.map(({ to }) => (
              <NodeLink key={to} id={to} />
            ))}
          </p>
          {further.length > 0 && (
            <p className="row">
              <span className="dim">and can take on</span>
              {further.map(id => (
                <NodeLink key={id} id={id} />
              ))}
            </p>
          )}
          <Loaded query={entitlements} doing="Loading what it is granted">
            {({ items }) => <Grants grants={grantsOf(workload, takenOn, items)} />}
          </Loaded>
        </>
      ) : (
        <p className="dim">
          Not known. Kubernetes tells the service account; the cloud’s audit log tells which roles it takes
          on.
        </p>
      )}
    </Section>
  )
}

function Grants({ grants }: { readonly grants: readonly EntitlementView[] }) {
  return (
    <>
      <p>{grantsSentence(grants)}</p>
      <ul className="stack">
        {grants.slice(0, 20).map(grant => (
          <li key={`${grant.identity} ${grant.target}`}>
            <NodeLink id={grant.target} /> <span className="dim">for {nodeName(grant.identity)}</span>{' '}
            {grant.used ? (
              <span className="dim">
                used {count(grant.uses)} times
                {grant.lastUsed !== undefined && (
                  <>
                    , last <Moment at={grant.lastUsed} />
                  </>
                )}
              </span>
            ) : (
              <span className="chip" data-tone="warn">
                not used
              </span>
            )}
          </li>
        ))}
      </ul>
      {grants.length > 20 && <p className="dim">and {count(grants.length - 20)} more</p>}
    </>
  )
}
