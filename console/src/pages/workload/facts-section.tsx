import type { WorkloadDetailView } from '../../../../src/server/api/workload.ts'
import { count } from '../../format/number.ts'
import { versionsOf } from '../../format/workloads.ts'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'

/** Where it runs and in which versions. */
export function FactsSection({ workload }: { readonly workload: WorkloadDetailView }) {
  const facts = [
    ['Kind', workload.kind],
    ['Environment', workload.environment],
    ['Cluster', workload.cluster],
    ['Namespace', workload.namespace],
  ] as const
  const versions = versionsOf(workload)
  return (
    <Section title="Where it runs">
      <dl className="facts">
        {facts.map(([title, value]) => (
          <Fact key={title} title={title}>
            {value ?? <span className="dim">not known</span>}
          </Fact>
        ))}
        <Fact title="Versions">
          {versions.length === 0 ? (
            <span className="dim">not known</span>
          ) : (
            <ul>
              {versions.slice(0, 5).map(({ version, lastSeen }) => (
                <li key={version}>
                  <code>{version}</code>{' '}
                  <span className="dim">
                    last seen <Moment at={lastSeen} />
                    {version === workload.version && workload.rolledOutAt !== undefined && (
                      <>
                        , rolled out <Moment at={workload.rolledOutAt} />
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact title="Events">{count(workload.events)}</Fact>
      </dl>
    </Section>
  )
}

function Fact({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  )
}
