import type { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'

/**
 * What to do where work fails that nobody waits for: it is counted, and told in the log.
 * @param counter its name
 * @param sentence what could not be done, in words, without a full stop
 * @returns takes what was thrown
 */
export const backgroundFault =
  (counters: CounterSet, log: (line: string) => void, counter: string, sentence: string) =>
  (thrown: unknown): void => {
    counters.add(counter)
    log(`${sentence}: ${SallyportError.from(thrown).toDisplayString()}`)
  }
