import { Link } from 'react-router'
import type { EndpointDetailView } from '../../api/types.ts'
import { endpointSentence } from '../../format/endpoint.ts'
import { inventoryMeaning, inventoryTone } from '../../format/inventory.ts'
import { callsPath } from '../../format/paths.ts'
import { Template } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { SignalList } from '../../parts/signal-list.tsx'
import { CallersSection } from './callers-section.tsx'
import { DataSection } from './data-section.tsx'
import { OwnersSection } from './owners-section.tsx'
import { RiskSection } from './risk-section.tsx'
import { SchemaSection } from './schema-section.tsx'
import { StatusLine } from './status-line.tsx'
import { TrafficSection } from './traffic-section.tsx'

/** What it is, what it carries, whose that is, who calls it, and whether that is right. */
export function ApiBody({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  return (
    <Page
      title={`${endpoint.method} ${endpoint.template}`}
      kind={
        <>
          <Link to="/apis">APIs</Link>
          <span className="mono">{endpoint.host}</span>
          <span
            className="chip"
            data-tone={inventoryTone(endpoint.inventory)}
            title={inventoryMeaning[endpoint.inventory]}
          >
            {endpoint.inventory}
          </span>
          <span className="chip">
            {endpoint.exposure === 'unknown' ? 'exposure unknown' : endpoint.exposure}
          </span>
          {endpoint.criticality !== 'normal' && endpoint.criticality !== '' && (
            <span className="chip">{endpoint.criticality}</span>
          )}
        </>
      }
      lead={
        <>
          <span className="api-template mono">
            <span className="dim">{endpoint.method}</span> <Template template={endpoint.template} />
          </span>{' '}
          {endpointSentence(endpoint)}
        </>
      }
      sub={
        <>
          First seen <Moment at={endpoint.firstSeen} />, last called <Moment at={endpoint.lastSeen} withAgo />
          . <Link to={callsPath({ endpoint: endpoint.id })}>Its calls</Link>
        </>
      }
    >
      {endpoint.signals.length > 0 && (
        <Section title="What happened here">
          <SignalList signals={endpoint.signals} show="principal" />
        </Section>
      )}
      <div className="columns">
        <RiskSection risk={endpoint.risk} />
        <OwnersSection owners={endpoint.owners} />
      </div>
      <TrafficSection endpoint={endpoint.id} />
      <StatusLine endpoint={endpoint} />
      <DataSection fields={endpoint.fields} />
      <CallersSection endpoint={endpoint} />
      <SchemaSection endpoint={endpoint} />
    </Page>
  )
}
