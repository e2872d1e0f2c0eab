import { useAudit } from '../../api/control.ts'
import { auditSentence } from '../../format/audit.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'

export function AuditSection() {
  const audit = useAudit()
  return (
    <Section title="Audit log" note="Chained by hashes: a record that was cut out or changed shows.">
      <Loaded query={audit} doing="Loading the audit log">
        {page =>
          page.items.length === 0 ? (
            <p className="dim">Nobody has changed anything yet.</p>
          ) : (
            <table className="table cards">
              <tbody>
                {page.items.map(record => (
                  <tr key={record.sequence}>
                    <td data-label="" className="dim nowrap" style={{ width: 130 }}>
                      <Moment at={record.time} seconds />
                    </td>
                    <td data-label="">{auditSentence(record)}</td>
                    <td data-label="" className="num dim">
                      {record.sequence}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Section>
  )
}
