import { Link } from 'react-router'
import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { endpointSentence } from '../../format/endpoint.ts'
import { inventoryMeaning, inventoryName, inventoryTone } from '../../format/inventory.ts'
import { callsPath } from '../../format/paths.ts'
import { carrierOf, protocolName } from '../../format/protocols.ts'
import { EndpointLink, Template } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { ReachSection } from '../../parts/reach-section.tsx'
import { Section } from '../../parts/section.tsx'
import { SignalList } from '../../parts/signal-list.tsx'
import { CallersSection } from './callers-section.tsx'
import { ChangesSection } from './changes-section.tsx'
import { DataSection } from './data-section.tsx'
import { ExamplesSection } from './examples-section.tsx'
import { FindingsSection } from './findings-section.tsx'
import { LabelsSection } from './labels-section.tsx'
import { OperationsSection } from './operations-section.tsx'
import { OwnersSection } from './owners-section.tsx'
import { RiskSection } from './risk-section.tsx'
import { SchemaSection } from './schema-section.tsx'
import { StatusLine } from './status-line.tsx'
import { TrafficSection } from './traffic-section.tsx'

/** What it is, what it carries, whose that is, who calls it, and whether that is right. */
export function ApiBody({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  const carrier = carrierOf(endpoint.id)
  const orphan = endpoint.inventory === 'orphan'
  return (
    <Page
      title={`${endpoint.method} ${endpoint.template}`}
      kind={
        <>
          <Link to="/apis">APIs</Link>
          <span className="mono">{endpoint.host}</span>
          {endpoint.inventory !== 'unknown' && (
            <span
              className="chip"
              data-tone={inventoryTone(endpoint.inventory)}
              title={inventoryMeaning[endpoint.inventory]}
            >
              {inventoryName[endpoint.inventory]}
            </span>
          )}
          {endpoint.exposure !== 'unknown' && <span className="chip">{endpoint.exposure}</span>}
          {endpoint.protocol !== 'rest' && <span className="chip">{protocolName(endpoint.protocol)}</span>}
          {carrier !== undefined && (
            <span>
              an operation of <EndpointLink id={carrier} />
            </span>
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
        orphan ? (
          'What it takes and answers is learned from the first calls.'
        ) : (
          <>
            First seen <Moment at={endpoint.firstSeen} />, last called{' '}
            <Moment at={endpoint.lastSeen} withAgo />.{' '}
            <Link to={callsPath({ endpoint: endpoint.id })}>Its calls</Link>
          </>
        )
      }
    >
      {endpoint.signals.length > 0 && (
        <Section title="What happened here">
          <SignalList signals={endpoint.signals} show="principal" />
        </Section>
      )}
      <FindingsSection endpoint={endpoint.id} findings={endpoint.findings} />
      <div className="columns">
        <LabelsSection endpoint={endpoint} />
        <RiskSection risk={endpoint.risk} />
      </div>
      <OperationsSection endpoint={endpoint} />
      {!orphan && (
        <>
          <DataSection endpoint={endpoint} />
          <ReachSection node={`endpoint:${endpoint.id}`} who="Whoever gets through here" />
          <CallersSection endpoint={endpoint} />
          <OwnersSection owners={endpoint.owners} />
          <TrafficSection endpoint={endpoint.id} />
          <StatusLine endpoint={endpoint} />
          <ExamplesSection endpoint={endpoint.id} />
          <SchemaSection endpoint={endpoint} />
          <ChangesSection endpoint={endpoint.id} />
        </>
      )}
    </Page>
  )
}
