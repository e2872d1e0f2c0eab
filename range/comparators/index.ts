import bigramSequence from './bigram-sequence.ts'
import type { ComparatorDefinition } from './comparator.ts'
import { bucketPerAddress, bucketPerToken } from './leaky-bucket.ts'
import uniqueValues from './unique-values.ts'
import unseenObject from './unseen-object.ts'

/** Published rules of peers. */
export const comparators: readonly ComparatorDefinition[] = [
  uniqueValues,
  unseenObject,
  bigramSequence,
  bucketPerAddress,
  bucketPerToken,
]
