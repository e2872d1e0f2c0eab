import { sallyport } from './analysis-watcher.ts'
import { measure, type WorldScore } from './measure.ts'
import { Recording } from './recording.ts'
import { readResults } from './results-file.ts'
import { verdictsOf } from './watcher.ts'

export interface ScoreOptions {
  /** Incidents of another product over the attacked window, and over the clean one. */
  readonly results?: string
  readonly cleanResults?: string
}

/**
 * Scores one world: our own analysis, or what another product said.
 * @throws SallyportError `input/unreadable` for a folder that is no world, or results that do not read.
 */
export async function scoreFolder(folder: string, options: ScoreOptions = {}): Promise<WorldScore> {
  const recording = new Recording(folder)
  if (options.results === undefined) {
    const [verdicts] = await verdictsOf(recording, [sallyport])
    return measure(recording, verdicts!)
  }
  return measure(recording, {
    product: options.results,
    attacked: readResults(options.results, recording.times),
    clean:
      options.cleanResults === undefined ? undefined : readResults(options.cleanResults, recording.times),
  })
}
