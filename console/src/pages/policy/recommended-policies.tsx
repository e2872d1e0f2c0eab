import { Link } from 'react-router'
import { useRecommendations } from '../../api/policies.ts'
import { plural } from '../../format/number.ts'
import { findingsPath, incidentPath, type PolicySubject } from '../../format/paths.ts'
import { summarySentence } from '../../format/simulation.ts'
import { useAddress } from '../../hooks/address.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { Editor } from './editor.tsx'

interface SubjectWords {
  readonly back: string
  readonly to: string
  readonly none: string
  /** Why there may be none, and what to do then. */
  readonly why: string
  readonly sub: string
}

const begins =
  'It begins in shadow, where it only writes down what it would do. Read it, simulate it, create it, and'

function wordsOf(subject: PolicySubject): SubjectWords {
  return 'incident' in subject
    ? {
        back: 'Back to the incident',
        to: incidentPath(subject.incident),
        none: 'No policy is known that would stop this incident.',
        why: 'The calls of this incident are not kept any more, or nothing tells them from those of others. Its actors can still be stopped from the incident itself, and',
        sub: `${begins} bring it from there to those who attack.`,
      }
    : {
        back: 'Back to the finding',
        to: findingsPath({ finding: subject.finding }),
        none: 'No policy is known that would close this finding.',
        why: 'What this finding tells of cannot be told from other calls by a policy: it is mended at the service. Still,',
        sub: `${begins} see in shadow whose calls it would touch before it acts.`,
      }
}

/** What would have stopped an incident, or closes a finding, each with what else it would have touched; the best is open in the editor. */
export function RecommendedPolicies({ subject }: { readonly subject: PolicySubject }) {
  const recommended = useRecommendations(subject)
  const words = wordsOf(subject)
  const [search, setAddress] = useAddress()
  return (
    <Loaded query={recommended} doing="Looking for what would have stopped it" skeleton={<PageSkeleton />}>
      {({ items }) => {
        const chosen = items.find(({ name }) => name === search.get('pick')) ?? items[0]
        return (
          <Page
            title="New policy"
            kind={<Link to={words.to}>{words.back}</Link>}
            lead={
              chosen === undefined ? words.none : `${chosen.title}. ${summarySentence(chosen.simulation)}`
            }
            sub={chosen === undefined ? undefined : words.sub}
          >
            {chosen === undefined ? (
              <Empty title="Nothing to begin with.">
                <p>
                  {words.why} <Link to="/policies">a ready-made policy</Link> may fit.
                </p>
              </Empty>
            ) : (
              <>
                {items.length > 1 && (
                  <Section
                    title={'incident' in subject ? 'What would stop it' : 'What would close it'}
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
                <Editor
                  key={chosen.name}
                  initial={chosen.source}
                  draft={`${Object.entries(subject).join()} ${chosen.name}`}
                />
              </>
            )}
          </Page>
        )
      }}
    </Loaded>
  )
}
