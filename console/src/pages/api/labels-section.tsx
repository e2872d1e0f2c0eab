import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { labelFields, worth } from '../../format/labels.ts'
import { listed } from '../../format/number.ts'
import { Section } from '../../parts/section.tsx'
import { LabelRow } from './label-row.tsx'

/** Whose it is and what it is for, with who says so; each can be said better here. */
export function LabelsSection({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  const { labels, workloads = [] } = endpoint
  const flows = labels?.flows ?? []
  return (
    <Section title="Who answers for it">
      <dl className="labels">
        {labelFields.map(field => (
          <LabelRow key={field} endpoint={endpoint.id} field={field} labels={labels} />
        ))}
        {flows.length > 0 && (
          <div className="label-row">
            <dt>Step of</dt>
            <dd>
              <ul>
                {flows.map(flow => (
                  <li key={`${flow.flow} ${flow.step}`}>
                    {flow.flow}: {flow.step}
                    {flow.value !== undefined && <span className="dim"> worth {worth(flow.value)}</span>}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        {workloads.length > 0 && (
          <div className="label-row">
            <dt>Answered by</dt>
            <dd className="mono" title={workloads.join('\n')}>
              {listed(workloads, 4)}
            </dd>
          </div>
        )}
      </dl>
    </Section>
  )
}
