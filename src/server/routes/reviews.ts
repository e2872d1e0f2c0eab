import { z } from 'zod'
import type { MergeReview } from '../../catalog/directions/merge-review.ts'
import { defineRoute } from '../route.ts'
import { mergeReviewView } from '../schemas/merge-review.ts'
import { name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { sortedPage } from '../views/sorted-page.ts'

const states: readonly MergeReview['state'][] = ['merged', 'apart', 'pinned']

const orderOf = ({ state, calls, nats, threshold, id }: MergeReview): readonly [number, number, string] => [
  -states.indexOf(state),
  state === 'apart' ? nats - threshold : calls,
  id,
]

export const listReviews = defineRoute({
  method: 'GET',
  path: '/catalog/reviews',
  summary:
    'Where words of paths were taken for values, or might have been, with the evidence; most calls first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    state: z.enum(['merged', 'apart', 'pinned']).optional(),
    host: name.optional(),
    q: name.optional().describe('Part of the template or of one of the words, any case.'),
  }),
  response: pageOf('MergeReviewPage', mergeReviewView),
  async handler({ backend, query }) {
    const { state, host, q } = query
    const text = q?.toLowerCase()
    const found = backend
      .mergeReviews()
      .filter(
        review =>
          (state === undefined || review.state === state) &&
          (host === undefined || review.host === host) &&
          (text === undefined ||
            [review.template, ...review.words].some(one => one.toLowerCase().includes(text))),
      )
    return sortedPage(found, orderOf, query)
  },
})
