import { Link } from 'react-router'
import { useRecommendations } from '../../api/policies.ts'
import { plural } from '../../format/number.ts'
import { incidentPath } from '../../format/paths.ts'
import { summarySentence } from '../../format/simulation.ts'
import { useAddress } from '../../hooks/address.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { Editor } from './editor.tsx'

/** What would have stopped an incident, each with what else it would have touched; the best is open in the editor. */
export function RecommendedPolicies({ incident }: { readonly incident: string }) {
  const recommended = useRecommendations(incident)
  const [search, setAddress] = useAddress()
  return (
    <Loaded query={recommended} doing="Looking for what would have stopped it" skeleton={<PageSkeleton />}>
      {({ items }) => {
        const chosen = items.find(({ name }) => name === search.get('pick')) ?? items[0]
        return (
          <Page
            title="New policy"
            kind={<Link to={incidentPath(incident)}>Back to the incident</Link>}
            lead={
              chosen === undefined
                ? 'No policy is known that would stop this incident.'
                : `${chosen.title}. ${summarySentence(chosen.simulation)}`
            }
            sub={
              chosen === undefined
                ? undefined
                : 'It begins in shadow, where it only writes down what it would do. Read it, simulate it, create it, and bring it from there to those who attack.'
            }
          >
            {chosen === undefined ? (
              <Empty title="Nothing to begin with.">
                <p>
                  The calls of this incident are not kept any more, or nothing tells them from those of
                  others. Its actors can still be stopped from the incident itself, and{' '}
                  <Link to="/policies">a ready-made policy</Link> may fit.
                </p>
              </Empty>
            ) : (
              <>
                {items.length > 1 && (
                  <Section
                    title="What would stop it"
                    note={`${plural(items.length, 'policy', 'policies')}, the best first`}
                  >
                    <ul className="recommended">
                      {items.map(item => (
                        <li key={item.name}>
                          <label className="recommended-choice">
                            <input
                              type="radio"
                              name="recommended"
                              checked={item.name === chosen.name}
                              onChange={() => setAddress({ pick: item.name })}
                            />
                            <span>
                              <b>{item.title}</b>{' '}
                              <span className="dim">
                                {item.why} {summarySentence(item.simulation)}
                              </span>
                            </span>
                          </label>
                        </li>
                      ))}
                    </ul>
                  </Section>
                )}
                <Editor key={chosen.name} initial={chosen.source} />
              </>
            )}
          </Page>
        )
      }}
    </Loaded>
  )
}
