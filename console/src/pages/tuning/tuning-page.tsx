import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useSearchParams } from 'react-router'
import type { DetectorView } from '../../../../src/server/api/detector.ts'
import { useDetectors, useHeldSignals, useSuppressions } from '../../api/detectors.ts'
import { byNoise, tuningSentence } from '../../format/detectors.ts'
import { plural } from '../../format/number.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { SignalList } from '../../parts/signal-list.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { SuppressionList } from '../../parts/suppression-list.tsx'
import { DetectorTable } from './detector-table.tsx'
import './tuning.css'

export default function TuningPage() {
  const detectors = useDetectors()
  const [search, setSearch] = useSearchParams()
  const [q, setQ] = useTyped(search.get('q') ?? '', text =>
    setSearch(text === '' ? {} : { q: text }, { replace: true }),
  )
  return (
    <Page
      title="Tuning"
      kind="Is it quiet for the right reasons?"
      lead={
        detectors.data === undefined
          ? 'What detectors found, and what it was worth.'
          : tuningSentence(detectors.data.items)
      }
      sub="Detectors with what people made of their incidents. Open one to change its options, after a test on recorded calls."
    >
      <Section
        title="Detectors"
        note={
          <a className="skip-to" href="#dismissals">
            dismissals and what was held back
          </a>
        }
      >
        <TextInput
          data-search
          className="tuning-search no-print"
          aria-label="Search the detectors"
          placeholder="Search title, family and id"
          leftSection={<Search size={14} aria-hidden="true" />}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
        />
        <Loaded query={detectors} doing="Loading the detectors" skeleton={<Lines count={12} height={24} />}>
          {({ items }) => {
            const found = byNoise(items.filter(detector => fits(detector, q)))
            return found.length === 0 ? (
              <Empty title={q === '' ? 'No detector is known.' : 'No detector fits this.'}>
                <p>
                  {q === ''
                    ? 'The server tells of none: see whether it runs the version that this console belongs to.'
                    : 'Titles, families and ids are searched, each word for itself.'}
                </p>
              </Empty>
            ) : (
              <DetectorTable detectors={found} />
            )
          }}
        </Loaded>
      </Section>
      <Suppressions />
      {detectors.data !== undefined && <Held detectors={detectors.data.items} />}
    </Page>
  )
}

const fits = ({ id, title, family, kind }: DetectorView, typed: string): boolean => {
  const text = `${id} ${title} ${family} ${kind}`.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

function Suppressions() {
  const suppressions = useSuppressions()
  const items = suppressions.data?.items ?? []
  return (
    <Section
      id="dismissals"
      title="Dismissed, and not raised for now"
      note={items.length > 0 ? plural(items.length, 'dismissal') : undefined}
    >
      <Loaded query={suppressions} doing="Loading the dismissals">
        {() =>
          items.length === 0 ? (
            <p className="dim">Nothing: whatever a detector finds is raised.</p>
          ) : (
            <SuppressionList suppressions={items} />
          )
        }
      </Loaded>
    </Section>
  )
}

const mostHeld = 20

function Held({ detectors }: { readonly detectors: readonly DetectorView[] }) {
  const held = useHeldSignals(detectors.filter(one => one.held > 0).map(({ id }) => id))
  const items = held.data ?? []
  return (
    <Section
      title="Held back by the noise budget"
      note={items.length > 0 ? plural(items.length, 'signal') : undefined}
    >
      <Loaded query={held} doing="Loading what was held back">
        {() =>
          items.length === 0 ? (
            <p className="dim">
              Nothing. When statistical detectors open more incidents a day than anybody can look at, those
              nearest to what is usual wait here. What is certain is never held back.
            </p>
          ) : (
            <>
              <p>
                These opened no incident: there would have been more a day than anybody can look at, and they
                lie nearest to what is usual.
              </p>
              <SignalList signals={items.slice(0, mostHeld)} show="principal" />
              {items.length > mostHeld && (
                <p className="dim">and {items.length - mostHeld} more, listed with their detectors</p>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  )
}
