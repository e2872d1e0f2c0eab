import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import type { WhyView } from '../../../../src/server/api/why.ts'
import { useWhy } from '../../api/why.ts'
import { amount } from '../../format/amount.ts'
import { fullStop, visible } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { detectorPath } from '../../format/paths.ts'
import { type SaidAlike, saidAlike, whyGroups, whySentence, whyShare } from '../../format/why.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'
import './why.css'

interface WhySectionProps {
  readonly call: string
  /** Detectors that it is evidence of. */
  readonly raisedBy: readonly string[]
}

/** For a call that somebody expected to be flagged: what each detector says of it. Asked for, as it costs a replay. */
export function WhySection({ call, raisedBy }: WhySectionProps) {
  const [asked, setAsked] = useState(false)
  const why = useWhy(call, asked)
  return (
    <Section title={raisedBy.length > 0 ? 'What detectors say of it' : 'Why was it not flagged?'}>
      {asked ? (
        <Loaded query={why} doing="Asking every detector">
          {({ items }) => <Answers items={items} />}
        </Loaded>
      ) : (
        <div>
          <Button size="xs" variant="default" onClick={() => setAsked(true)}>
            Ask every detector
          </Button>
        </div>
      )}
    </Section>
  )
}

function Answers({ items }: { readonly items: readonly WhyView[] }) {
  return (
    <div className="stack why">
      <p className="why-lead">{whySentence(items)}</p>
      {whyGroups.map(({ state, title, note }) => {
        const group = items.filter(item => item.state === state)
        if (group.length === 0) return null
        // What says little is there, and folded.
        return (
          <details key={state} open={state !== 'other-kind' && state !== 'off'}>
            <summary>
              {title} <span className="dim">{count(group.length)}</span>
            </summary>
            <p className="dim why-note">{note}</p>
            <ul>
              {saidAlike(group).map(said => (
                <WhyLine key={said.items[0]?.detector} said={said} />
              ))}
            </ul>
          </details>
        )
      })}
    </div>
  )
}

function WhyLine({ said }: { readonly said: SaidAlike }) {
  const [first] = said.items
  const share = first === undefined ? undefined : whyShare(first)
  return (
    <li>
      <span className="why-names">
        {said.items.map(({ detector, title }) => (
          <Link key={detector} to={detectorPath(detector)}>
            {title}
          </Link>
        ))}
      </span>
      <span>{visible(fullStop(said.text))}</span>
      {first !== undefined && share !== undefined && (
        <span className="why-scale dim">
          <span className="why-track" aria-hidden="true">
            <i style={{ width: `${Math.max(1, share * 100)}%` }} />
          </span>
          {amount(first.value ?? 0, '')} of {amount(first.threshold ?? 0, first.unit ?? '')}
        </span>
      )}
    </li>
  )
}
