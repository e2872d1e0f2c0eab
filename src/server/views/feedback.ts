import type { Feedback } from '../../detect/tuning/tuning.ts'
import type { FeedbackView } from '../api/feedback.ts'
import { present } from './present.ts'
import { stamp } from './stamp.ts'

export const feedbackViewOf = ({ incident, verdict, note, at, by, said }: Feedback): FeedbackView =>
  present({ incident, verdict, note, at: stamp(at), by, detectors: said.map(({ detector }) => detector) })
