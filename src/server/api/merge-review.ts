import type { MergeReview } from '../../catalog/directions/merge-review.ts'

/** Where words of paths were taken for values, or might have been. */
export type MergeReviewView = MergeReview
