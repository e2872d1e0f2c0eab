import { Link } from 'react-router'
import { useEndpointChanges } from '../../api/changes.ts'
import { changeDetail, changeTitles } from '../../format/changes.ts'
import { gravestFirst } from '../../format/grave-classes.ts'
import { changesPath } from '../../format/paths.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'

/** How it came to be what it is, the latest first. */
export function ChangesSection({ endpoint }: { readonly endpoint: string }) {
  const changes = useEndpointChanges(endpoint)
  return (
    <Section
      title="What changed"
      note={<Link to={changesPath({ endpoint, days: '30' })}>in the list of changes</Link>}
    >
      <Loaded query={changes} doing="Loading its changes">
        {page =>
          page.items.length === 0 ? (
            <p className="dim">Nothing since it was first seen.</p>
          ) : (
            <ul className="endpoint-changes">
              {page.items.map(change => {
                const { name, text } = changeDetail(change)
                return (
                  <li key={change.id}>
                    <span className="dim">
                      <Moment at={change.time} />
                    </span>
                    <span>
                      {changeTitles[change.kind]} {name !== undefined && <code className="mono">{name}</code>}{' '}
                      <span className="dim">{text}</span>{' '}
                      {change.sensitive && (
                        <DataClasses classes={gravestFirst(change.dataClasses)} most={3} />
                      )}
                    </span>
                  </li>
                )
              })}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}
