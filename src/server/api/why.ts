import type { DetectorWhy } from '../../detect/tuning/why.ts'

/** What one detector says of a call, as things are known now. `title` is the detector's. */
export interface WhyView extends DetectorWhy {
  readonly title: string
}
