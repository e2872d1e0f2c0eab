import type { MergeReviewView } from '../../../../src/server/api/merge-review.ts'
import type { PinView } from '../../../../src/server/api/pin.ts'
import { count, decimal, plural } from '../../format/number.ts'
import { byWeight, isOfHosts, reviewMargin, reviewSentence, wordsApart } from '../../format/reviews.ts'
import { Template } from '../../parts/endpoint-link.tsx'
import { PinLine } from './pin-line.tsx'
import { ReviewActions } from './review-actions.tsx'

interface ReviewItemProps {
  readonly review: MergeReviewView
  /** All that people have said of paths. */
  readonly pins: readonly PinView[]
  readonly index: number
  readonly active: boolean
}

/** Evidence that is told without asking. */
const strongest = 3

/** One place: what was made of its words, why, and the way to decide it oneself. */
export function ReviewItem({ review, pins, index, active }: ReviewItemProps) {
  const evidence = byWeight(review.evidence)
  const pin = pins.find(({ id }) => id === review.pin)
  const rest = evidence.slice(strongest)
  const more = review.count - review.words.length
  return (
    <li className="review" data-row={index} data-active={active}>
      <div className="review-head">
        <h3>{reviewSentence(review)}</h3>
        <p className="dim review-place">
          <span className="method">{review.methods.join(' ')}</span>{' '}
          <span className="mono">
            {review.host}
            {!isOfHosts(review) && <Template template={review.template} />}
          </span>{' '}
          {isOfHosts(review) ? '' : plural(review.calls, 'call')}
        </p>
      </div>
      {review.words.length > 0 && (
        <p className="review-words mono">
          {review.words.map(word => (
            <span key={word}>{word}</span>
          ))}
          {more > 0 && <span className="dim">and {count(more)} more</span>}
        </p>
      )}
      {evidence.length > 0 && (
        <div className="review-why">
          <p>
            {reviewMargin(review)}:{' '}
            <span className="dim" title="A nat is a factor of 2.7 in the odds; 2.3 of them are ten to one.">
              {decimal(review.nats)} nats, where {decimal(review.threshold)}{' '}
              {review.held === undefined ? 'make a merge' : 'keep it apart'}.
            </span>
          </p>
          <EvidenceList evidence={evidence.slice(0, strongest)} held={review.held !== undefined} />
          {rest.length > 0 && (
            <details>
              <summary>{plural(rest.length, 'weaker piece', 'weaker pieces')} of evidence</summary>
              <EvidenceList evidence={rest} held={review.held !== undefined} />
            </details>
          )}
        </div>
      )}
      {wordsApart(review, pins).map(({ word, pin: apart }) => (
        <div key={apart.id} className="review-apart">
          <span>
            <code>{word}</code> is kept apart.
          </span>
          <PinLine pin={apart} />
        </div>
      ))}
      {review.pin === undefined ? <ReviewActions review={review} /> : pin && <PinLine pin={pin} />}
    </li>
  )
}

interface EvidenceListProps {
  readonly evidence: MergeReviewView['evidence']
  /** What speaks for keeping a word apart, not for values. */
  readonly held: boolean
}

function EvidenceList({ evidence, held }: EvidenceListProps) {
  return (
    <ul className="review-evidence">
      {evidence.map(({ term, nats, why }) => (
        <li key={term}>
          <span className="num">{nats > 0 ? `+${decimal(nats)}` : decimal(nats).replace('-', '−')}</span>
          <span>
            <span className="visually-hidden">
              {nats > 0 ? (held ? 'for keeping it apart: ' : 'for values: ') : 'against: '}
            </span>
            {why}
          </span>
        </li>
      ))}
    </ul>
  )
}
