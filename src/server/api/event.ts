/** Something that happened on a workload and is no call: a program that ran, a store that was read, a connection, an identity taken on. */
export interface EventView {
  readonly id: string
  readonly time: string
  readonly type: 'runtime' | 'access' | 'flow' | 'identity'
  /** Id of the workload. */
  readonly workload: string
  /** What happened, in words: `ran /bin/sh`. */
  readonly what: string
  /** `allowed`, `blocked` …, as the sensor said. */
  readonly outcome?: string
  /** Who told it. */
  readonly source?: string
  /** The sensor's rule that it met. */
  readonly rule?: string
  /** Ids of incidents that rest on it, among the 200 latest. */
  readonly incidents: readonly string[]
}
