import { Link } from 'react-router'
import { usePolicyLanguage } from '../../api/policies.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'

/** A policy is seldom written from nothing. `open` where there is nothing else to look at. */
export function Templates({ open }: { readonly open: boolean }) {
  const language = usePolicyLanguage()
  return (
    <Section title="Ready-made policies" note="Each begins in shadow, with its tests.">
      <details open={open}>
        <summary>{open ? 'Choose what is to be guarded' : 'Show what there is to begin with'}</summary>
        <Loaded query={language} doing="Loading the ready-made policies">
          {({ templates }) => (
            <ul className="templates">
              {templates.map(({ id, title, summary }) => (
                <li key={id}>
                  <Link to={`/policies/new?template=${id}`}>{title}</Link>
                  <span className="dim">{summary}</span>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </details>
    </Section>
  )
}
