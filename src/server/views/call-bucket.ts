import type { CallBucket } from '../../store/ports/call-store.ts'
import type { CallBucketView } from '../api/call-bucket.ts'
import { stamp } from './stamp.ts'

export const callBucketViewOf = ({ time, calls, refused, failed }: CallBucket): CallBucketView => ({
  time: stamp(time),
  calls,
  refused,
  failed,
})
