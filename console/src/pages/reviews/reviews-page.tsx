import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'react-router'
import { usePins, useReviews } from '../../api/catalog.ts'
import { plural } from '../../format/number.ts'
import { reviewOrder, reviewsSentence, wantsLook, wordsApart } from '../../format/reviews.ts'
import { useAddress } from '../../hooks/address.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { NoReviews } from './no-reviews.tsx'
import { OtherPins } from './other-pins.tsx'
import { ReviewItem } from './review-item.tsx'
import './reviews.css'

const states = [
  { value: '', label: 'All places' },
  { value: 'look', label: 'Want a look' },
  { value: 'merged', label: 'Read as values' },
  { value: 'apart', label: 'Kept apart' },
  { value: 'pinned', label: 'Decided by a person' },
]

const step = 30

export default function ReviewsPage() {
  const [search, changeAddress] = useAddress()
  const reviews = useReviews()
  const pins = usePins()
  const [shown, setShown] = useState(step)
  const all = useMemo(() => [...(reviews.data?.items ?? [])].sort(reviewOrder), [reviews.data])
  const state = states.find(({ value }) => value === search.get('state'))?.value ?? ''
  const host = search.get('host') ?? ''
  const change = (params: Readonly<Record<string, string>>): void => {
    setShown(step)
    changeAddress(params)
  }
  const [q, setQ] = useTyped(search.get('q') ?? '', text => change({ q: text }))
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const items = all.filter(
    review =>
      (state === '' || (state === 'look' ? wantsLook(review) : review.state === state)) &&
      (host === '' || review.host === host) &&
      words.every(word =>
        `${review.host}${review.template} ${review.words.join(' ')}`.toLowerCase().includes(word),
      ),
  )
  const hosts = [...new Set(all.map(review => review.host))].sort()
  const active = useCursor(Math.min(items.length, shown), index => {
    document.querySelector<HTMLElement>(`[data-row="${index}"] summary`)?.click()
  })
  const said = pins.data?.items ?? []
  const told = new Set(
    all.flatMap(review => [review.pin, ...wordsApart(review, said).map(({ pin }) => pin.id)]),
  )

  return (
    <Page
      title="How paths were read"
      kind={<Link to="/apis">APIs</Link>}
      lead={reviews.data === undefined ? 'How paths were read.' : reviewsSentence(all)}
      sub="Where words in paths might be values of one parameter, the evidence decides. What you say here stands above it, and holds until it is taken back."
    >
      <Loaded query={reviews} doing="Loading the places" skeleton={<Lines count={10} height={20} />}>
        {() => (
          <>
            {all.length > 0 && (
              <div className="reviews-tools no-print">
                <TextInput
                  data-search
                  aria-label="Search the places"
                  placeholder="Search path, words and hosts"
                  leftSection={<Search size={14} aria-hidden="true" />}
                  value={q}
                  onChange={event => setQ(event.currentTarget.value)}
                />
                <NativeSelect
                  aria-label="Which places"
                  data={states}
                  value={state}
                  onChange={event => change({ state: event.currentTarget.value })}
                />
                {(hosts.length > 1 || host !== '') && (
                  <NativeSelect
                    aria-label="Host"
                    data={[
                      { value: '', label: 'Every host' },
                      ...hosts.map(one => ({ value: one, label: one })),
                    ]}
                    value={host}
                    onChange={event => change({ host: event.currentTarget.value })}
                  />
                )}
              </div>
            )}
            {items.length === 0 ? (
              <NoReviews
                {...(all.length === 0 ? {} : { onClear: () => change({ state: '', host: '', q: '' }) })}
              />
            ) : (
              <Section title={plural(items.length, 'place')}>
                <ul className="reviews">
                  {items.slice(0, shown).map((review, index) => (
                    <ReviewItem
                      key={review.id}
                      review={review}
                      pins={said}
                      index={index}
                      active={index === active}
                    />
                  ))}
                </ul>
                {items.length > shown && (
                  <div>
                    <Button size="xs" variant="default" onClick={() => setShown(shown + step)}>
                      Show more
                    </Button>
                  </div>
                )}
              </Section>
            )}
          </>
        )}
      </Loaded>
      <OtherPins pins={said.filter(({ id }) => !told.has(id))} />
    </Page>
  )
}
