import { Link } from 'react-router'
import type { FindingView } from '../../../../src/server/api/finding.ts'
import { findingOrder } from '../../format/findings.ts'
import { plural } from '../../format/number.ts'
import { findingsPath } from '../../format/paths.ts'
import { Moment } from '../../parts/moment.tsx'
import { Prose } from '../../parts/prose.tsx'
import { Section } from '../../parts/section.tsx'
import { SeverityMark } from '../../parts/severity-mark.tsx'

const few = 8

/** What of this endpoint should be mended. Says nothing where nothing should. */
export function FindingsSection({
  endpoint,
  findings,
}: {
  readonly endpoint: string
  readonly findings: readonly FindingView[]
}) {
  const open = findings.filter(({ status }) => status === 'open').sort(findingOrder)
  const others = findings.length - open.length
  if (findings.length === 0) return null
  return (
    <Section
      title="To mend"
      note={
        <Link to={findingsPath({ endpoint })}>
          {open.length > few ? `all ${plural(open.length, 'finding')}` : 'in the list of findings'}
        </Link>
      }
    >
      {open.length === 0 && (
        <p className="dim">
          Nothing now. {plural(others, 'finding')} {others === 1 ? 'was' : 'were'} dismissed or{' '}
          {others === 1 ? 'is' : 'are'} gone.
        </p>
      )}
      <ul className="finding-lines">
        {open.slice(0, few).map(finding => (
          <li key={finding.id}>
            <SeverityMark severity={finding.severity} />
            <div>
              <p>
                <Link to={findingsPath({ finding: finding.id, status: finding.status })}>
                  {finding.title}
                </Link>
              </p>
              <p className="dim">
                <Prose text={finding.why} />{' '}
                <span className="nowrap">
                  Since <Moment at={finding.firstSeen} />.
                </span>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}
