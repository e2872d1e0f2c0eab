import { Link } from 'react-router'
import type { DetectorView } from '../../../../src/server/api/detector.ts'
import { useHeldSignals, useSuppressions } from '../../api/detectors.ts'
import { useSignals } from '../../api/signals.ts'
import { calibrationWords, detectorSentence, precisionWords } from '../../format/detectors.ts'
import { capital, fullStop, words } from '../../format/names.ts'
import { count, decimal, plural } from '../../format/number.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { PrecisionBar } from '../../parts/precision-bar.tsx'
import { Section } from '../../parts/section.tsx'
import { SignalList } from '../../parts/signal-list.tsx'
import { SuppressionList } from '../../parts/suppression-list.tsx'
import { EnableSwitch } from './enable-switch.tsx'
import { OptionsSection } from './options-section.tsx'

/** One detector: what it is worth, how it is set, and what is kept quiet of it. */
export function DetectorBody({ detector }: { readonly detector: DetectorView }) {
  return (
    <Page
      title={detector.title}
      kind={
        <>
          <Link to="/tuning">Tuning</Link>
          <span>{words(detector.family)}</span>
          <span>{detector.kind}</span>
          {[...detector.owasp, ...detector.attack].map(id => (
            <span key={id} className="chip">
              {id}
            </span>
          ))}
          {!detector.enabled && (
            <span className="chip" data-tone="bad">
              off
            </span>
          )}
        </>
      }
      lead={detectorSentence(detector)}
      sub={detector.summary}
    >
      <EnableSwitch detector={detector} />
      <Worth detector={detector} />
      <OptionsSection detector={detector} />
      <Quiet detector={detector} />
      <Found id={detector.id} />
    </Page>
  )
}

function Worth({ detector }: { readonly detector: DetectorView }) {
  const { threshold } = detector
  return (
    <Section title="How often it is right">
      <dl className="facts">
        <dt>Was right</dt>
        <dd>
          {detector.precision.n > 0 ? (
            <span className="stack">
              <PrecisionBar precision={detector.precision} />
              <span className="dim">
                {capital(precisionWords(detector))}: with so few words of people it lies in that range in 19
                of 20 cases.
              </span>
            </span>
          ) : (
            <span className="dim">
              Nobody has said of one of its incidents whether it was an attack. Each incident asks at its end.
            </span>
          )}
        </dd>
        <dt>Confidence</dt>
        <dd>{calibrationWords(detector)}</dd>
        <dt>Opens incidents</dt>
        <dd>
          {threshold.value <= 0
            ? 'with everything it finds'
            : `from a score of ${decimal(threshold.value)} on`}
          {threshold.value !== threshold.base && <>, where {decimal(threshold.base)} is its own</>}.
          {threshold.why !== '' && <> {fullStop(threshold.why)}</>}
        </dd>
        <dt>No attack</dt>
        <dd>{detector.whenNotAnAttack}</dd>
      </dl>
    </Section>
  )
}

function Quiet({ detector }: { readonly detector: DetectorView }) {
  const suppressions = useSuppressions()
  const held = useHeldSignals(detector.held > 0 ? [detector.id] : [])
  const own = suppressions.data?.items.filter(one => one.detector === detector.id) ?? []
  const waiting = held.data ?? []
  return (
    <Section
      title="Kept quiet"
      note={detector.suppressed > 0 ? `${plural(detector.suppressed, 'finding')} by dismissals` : undefined}
    >
      <Loaded query={suppressions} doing="Loading the dismissals">
        {() =>
          own.length === 0 ? (
            <p className="dim">No dismissal holds for it.</p>
          ) : (
            <SuppressionList suppressions={own} />
          )
        }
      </Loaded>
      {detector.kind === 'statistical' && (
        <Loaded query={held} doing="Loading what was held back">
          {() =>
            waiting.length === 0 ? (
              <p className="dim">Nothing of it is held back by the noise budget.</p>
            ) : (
              <>
                <h3>Held back by the noise budget ({count(waiting.length)})</h3>
                <SignalList signals={waiting} show="principal" />
              </>
            )
          }
        </Loaded>
      )}
    </Section>
  )
}

const mostFound = 10

function Found({ id }: { readonly id: string }) {
  const signals = useSignals({ detector: id })
  return (
    <Section title="What it found">
      <Loaded query={signals} doing="Loading what it found">
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim">Nothing that is still kept.</p>
          ) : (
            <>
              <SignalList signals={items.slice(0, mostFound)} show="principal" />
              {items.length > mostFound && <p className="dim">and {items.length - mostFound} more</p>}
            </>
          )
        }
      </Loaded>
    </Section>
  )
}
