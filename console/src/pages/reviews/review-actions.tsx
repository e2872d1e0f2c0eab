import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Merge, Split } from 'lucide-react'
import { useState } from 'react'
import type { MergeReviewView } from '../../../../src/server/api/merge-review.ts'
import { useAddPin } from '../../api/catalog.ts'
import { isOfHosts, mergeTemplate, pinApart, placeOf } from '../../format/reviews.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

/** Decides a place: all its words are values, or one of them is not. */
export function ReviewActions({ review }: { readonly review: MergeReviewView }) {
  const [splitting, setSplitting] = useState(false)
  const [word, setWord] = useState(review.words[0] ?? '')
  const [reason, setReason] = useState('')
  const pin = useAddPin()
  const mayAct = useMayAct()
  if (!mayAct) return null
  const add = (place: { readonly host: string; readonly template: string }): void => {
    const why = reason.trim() === '' ? {} : { reason: reason.trim() }
    pin.mutate({ ...place, ...why }, { onSuccess: () => setSplitting(false) })
  }
  const ofHosts = isOfHosts(review)
  const { placeholder } = placeOf(review.template)
  return (
    <div className="review-actions no-print">
      {splitting ? (
        <form
          className="row"
          onSubmit={event => {
            event.preventDefault()
            add(pinApart(review, word))
          }}
          onKeyDown={event => {
            if (event.key === 'Escape') setSplitting(false)
          }}
        >
          <NativeSelect
            size="xs"
            autoFocus
            aria-label={ofHosts ? 'The host that is an API of its own' : 'The word that is no value'}
            data={[...review.words]}
            value={word}
            onChange={event => setWord(event.currentTarget.value)}
          />
          <TextInput
            size="xs"
            aria-label="Reason"
            placeholder="Why (optional)"
            maxLength={500}
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" loading={pin.isPending} disabled={word === ''}>
            Keep it apart
          </Button>
          <Button size="xs" variant="subtle" onClick={() => setSplitting(false)}>
            Cancel
          </Button>
        </form>
      ) : (
        <div className="row">
          {placeholder !== undefined && (
            <Button
              size="xs"
              variant="default"
              leftSection={<Merge size={14} aria-hidden="true" />}
              loading={pin.isPending}
              onClick={() => add({ host: review.host, template: mergeTemplate(review.template) })}
            >
              {review.state === 'merged' ? `Keep merged as ${placeholder}` : `Merge into ${placeholder}`}
            </Button>
          )}
          {review.words.length > 0 && (
            <Button
              size="xs"
              variant="default"
              leftSection={<Split size={14} aria-hidden="true" />}
              onClick={() => setSplitting(true)}
            >
              {ofHosts ? 'Keep a host apart…' : 'Keep apart…'}
            </Button>
          )}
        </div>
      )}
      {pin.error !== null && <ProblemNote doing="Saving it" error={pin.error} />}
    </div>
  )
}
