import { Button } from '@mantine/core'
import { ScrollText } from 'lucide-react'
import { Link } from 'react-router'
import type { FindingView } from '../../../../src/server/api/finding.ts'
import { useCallsById } from '../../api/calls.ts'
import { useFinding } from '../../api/findings.ts'
import { stateMeaning } from '../../format/findings.ts'
import { fullStop, principalName, words } from '../../format/names.ts'
import { callsPath, newPolicyPath } from '../../format/paths.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { CallTable } from '../../parts/call-table.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Prose } from '../../parts/prose.tsx'
import { Section } from '../../parts/section.tsx'
import { SeverityMark } from '../../parts/severity-mark.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { FindingDecision } from './finding-decision.tsx'

interface FindingPanelProps {
  readonly id: string
  /** Where it is known already. */
  readonly finding?: FindingView
  readonly onClose: () => void
}

/** One finding in full: what, why it matters, how to mend it, what shows it, and what people decided. */
export function FindingPanel({ id, finding, onClose }: FindingPanelProps) {
  const query = useFinding(id, finding === undefined)
  return (
    <SidePanel title="Finding" onClose={onClose}>
      {finding === undefined ? (
        <Loaded query={query} doing="Loading the finding">
          {found => <FindingBody finding={found} />}
        </Loaded>
      ) : (
        <FindingBody finding={finding} />
      )}
    </SidePanel>
  )
}

function FindingBody({ finding }: { readonly finding: FindingView }) {
  const mayAct = useMayAct()
  return (
    <div className="stack finding-body">
      <header className="stack">
        <p className="row">
          <SeverityMark severity={finding.severity} />
          {finding.status !== 'open' && <span className="chip">{finding.status}</span>}
          <span className="dim">{words(finding.rule)}</span>
          {finding.owasp.length > 0 && <span className="dim">OWASP {finding.owasp.join(', ')}</span>}
        </p>
        <h3 className="finding-lead">{fullStop(finding.title)}</h3>
        <p>
          <EndpointLink id={finding.endpoint} host />
        </p>
        <p className="dim">
          Since <Moment at={finding.firstSeen} />, last seen <Moment at={finding.lastSeen} withAgo />
          {finding.status === 'gone' && `: ${stateMeaning.gone}`}.
        </p>
      </header>
      <Section title="Why">
        <p>
          <Prose text={finding.why} />
        </p>
      </Section>
      <Section title="How to mend it">
        <p>
          <Prose text={finding.fix} />
        </p>
        {mayAct && finding.status !== 'gone' && (
          <p className="row no-print">
            <Button
              component={Link}
              to={newPolicyPath({ finding: finding.id })}
              variant="default"
              size="xs"
              leftSection={<ScrollText size={14} />}
            >
              Write a policy from this
            </Button>
            <span className="dim">
              Until the service is mended, a policy may refuse or change such calls.
            </span>
          </p>
        )}
      </Section>
      <EvidenceSection evidence={finding.evidence} />
      <FindingDecision finding={finding} />
      {finding.dismissed !== undefined && (
        <p className="dim">
          Dismissed by {principalName(finding.dismissed.by)} at <Moment at={finding.dismissed.at} />:{' '}
          {fullStop(finding.dismissed.reason)}
          {finding.dismissed.until !== undefined && (
            <>
              {' '}
              It comes back on <Moment at={finding.dismissed.until} />.
            </>
          )}
        </p>
      )}
    </div>
  )
}

function EvidenceSection({ evidence }: { readonly evidence: readonly string[] }) {
  const calls = useCallsById(evidence, evidence.length > 0)
  return (
    <Section
      title="What shows it"
      note={
        evidence.length > 0 && (
          <Link to={callsPath({ ids: evidence.slice(0, 50).join(','), range: 'all' })}>in the calls</Link>
        )
      }
    >
      {evidence.length === 0 ? (
        <p className="dim">The specification or the catalog itself: no single call shows it.</p>
      ) : (
        <Loaded query={calls} doing="Loading the calls">
          {page =>
            page.items.length === 0 ? (
              <p className="dim">The calls that showed it are no longer kept.</p>
            ) : (
              <CallTable calls={page.items} />
            )
          }
        </Loaded>
      )}
    </Section>
  )
}
