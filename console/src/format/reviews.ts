import type { MergeReviewView } from '../../../src/server/api/merge-review.ts'
import type { PinView } from '../../../src/server/api/pin.ts'
import { count, listed, plural } from './number.ts'

type Review = Pick<MergeReviewView, 'state' | 'host' | 'template' | 'count' | 'nats' | 'threshold' | 'held'>

/** Whole hosts that were read as one API: the placeholder stands in the host. */
export const isOfHosts = ({ host, template }: Pick<Review, 'host' | 'template'>): boolean =>
  template === '/' && host.includes('{')

export interface Place {
  /** Before the placeholder, without its slash; empty at the top. */
  readonly above: string
  /** `{userId}`; undefined where the template holds none. */
  readonly placeholder?: string
  readonly below: string
}

/** Where in a template the judged placeholder stands: the last one. */
export function placeOf(template: string): Place {
  const segments = template.split('/')
  const at = segments.findLastIndex(segment => segment.includes('{'))
  if (at < 0) return { above: template, below: '' }
  return {
    above: segments.slice(0, at).join('/'),
    placeholder: segments[at] as string,
    below: segments.slice(at + 1).join('/'),
  }
}

/** `These 41 words under /users were read as {userId}.` */
export function reviewSentence(review: Review): string {
  if (isOfHosts(review))
    return `These ${count(review.count)} hosts answer alike and are read as one API, ${review.host}.`
  if (review.held === 'answers')
    return `${review.template} is an operation of its own: its calls are answered otherwise than those of the values beside it.`
  const { above, placeholder } = placeOf(review.template)
  const where = above === '' ? 'at the top' : `under ${above}`
  const words = review.count === 1 ? 'This word' : `These ${count(review.count)} words`
  const were = review.count === 1 ? 'is' : 'are'
  switch (review.state) {
    case 'merged':
      return `${words} ${where} ${were} read as ${placeholder ?? 'a value'}.`
    case 'apart':
      return `${words} ${where} ${were} kept apart.`
    case 'pinned':
      return placeholder === undefined
        ? `${review.template} is kept as it is.`
        : `What stands ${where} is read as ${placeholder}.`
  }
}

/** How close it was, in words: a nat is a factor of e in the odds, so 2.3 of them are ten to one. */
export function reviewMargin({ state, nats, threshold, held }: Review): string {
  if (state === 'pinned') return 'A person has decided this'
  const margin = Math.abs(nats - threshold)
  const how =
    margin < 1 ? 'a close call' : margin < 2.3 ? 'fairly clear' : margin < 4.6 ? 'clear' : 'very clear'
  if (held === 'answers') return `Enough to keep it apart, ${how}`
  return nats >= threshold ? `Enough for a merge, ${how}` : `Not enough for a merge, ${how}`
}

/** Closer than ten to one: worth the look of someone who knows the API. */
export const wantsLook = ({ state, nats, threshold, held }: Review): boolean =>
  (state === 'apart' && held === undefined) ||
  (state !== 'pinned' && Math.abs(nats - threshold) < Math.log(10))

/** The closest calls first; what a person has decided comes last. */
export const reviewOrder = (a: Review, b: Review): number =>
  rank(a) - rank(b) || Math.abs(a.nats - a.threshold) - Math.abs(b.nats - b.threshold)

const rank = (review: Review): number => (review.state === 'pinned' ? 2 : wantsLook(review) ? 0 : 1)

/** The page's first line. */
export function reviewsSentence(reviews: readonly Review[]): string {
  if (reviews.length === 0) return 'No words of any path and no hosts were in doubt.'
  const of = (state: Review['state']): number => reviews.filter(one => one.state === state).length
  const look = reviews.filter(wantsLook).length
  const parts = [
    of('merged') > 0 ? `${count(of('merged'))} read as values` : '',
    of('apart') > 0 ? `${count(of('apart'))} kept apart` : '',
    of('pinned') > 0 ? `${count(of('pinned'))} decided by a person` : '',
  ].filter(Boolean)
  const wants =
    look === 0 ? 'None wants a look.' : look === 1 ? 'One wants a look.' : `${count(look)} want a look.`
  const words = reviews.some(isOfHosts) ? 'words or hosts' : 'words'
  return `${plural(reviews.length, 'place')} where ${words} might be values: ${listed(parts)}. ${wants}`
}

type Evidence = MergeReviewView['evidence']

/** What weighs most first; what is assumed before any call comes last. */
export const byWeight = (evidence: Evidence): Evidence =>
  [...evidence].sort(
    (a, b) => Number(a.term === 'prior') - Number(b.term === 'prior') || Math.abs(b.nats) - Math.abs(a.nats),
  )

/** Pins that keep a word of this place apart, each with its word. */
export function wordsApart(
  review: Pick<MergeReviewView, 'host' | 'template'>,
  pins: readonly PinView[],
): readonly { readonly word: string; readonly pin: PinView }[] {
  const { above, placeholder } = placeOf(review.template)
  if (placeholder === undefined) return []
  return pins.flatMap(pin => {
    if (pin.host !== review.host || !pin.template.startsWith(`${above}/`)) return []
    const word = pin.template.slice(above.length + 1)
    return word === '' || word.includes('/') || word.includes('{') ? [] : [{ word, pin }]
  })
}

/** The template with a word in the placeholder's place: what keeps that word apart. */
export function literalTemplate(template: string, word: string): string {
  const { above, below } = placeOf(template)
  return `${above}/${word}${below === '' ? '' : `/${below}`}`
}

/** What a person says to keep a word, or a whole host, apart. */
export function pinApart(
  review: Pick<MergeReviewView, 'host' | 'template' | 'held'>,
  word: string,
): { readonly host: string; readonly template: string } {
  if (isOfHosts(review)) return { host: word, template: '/' }
  const { host, template, held } = review
  return { host, template: held === undefined ? literalTemplate(template, word) : template }
}

/** The template up to its placeholder: what merges the place, whatever comes below. */
export function mergeTemplate(template: string): string {
  const { above, placeholder } = placeOf(template)
  return placeholder === undefined ? template : `${above}/${placeholder}`
}
