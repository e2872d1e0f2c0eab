import type { Redactor } from '../call/redactor.ts'
import { SallyportError } from '../kit/error.ts'
import { readEvents } from '../sensors/files/index.ts'
import type { Analysis } from './analysis.ts'

/**
 * Learns from recordings what is normal, in the time that they tell: nothing is raised from them. Files of any kind that `readEvents`
 * knows, merged by time.
 * @returns What came of it, as a sentence. A file that cannot be read ends the learning and stops nothing else.
 */
export async function learnRecordings(
  analysis: Analysis,
  files: readonly string[],
  redactor: Redactor,
): Promise<string> {
  let read = 0
  let rejected = 0
  try {
    const onRejection = (): void => {
      rejected += 1
    }
    for await (const event of readEvents(files, { redactor, onRejection })) {
      analysis.observe(event, { learning: true })
      read += 1
    }
  } catch (thrown) {
    return `Learned from ${read} recorded events, and no further: ${SallyportError.from(thrown).toDisplayString()}`
  }
  return `Learned from ${read} recorded events${rejected === 0 ? '' : `; ${rejected} could not be read`}.`
}
