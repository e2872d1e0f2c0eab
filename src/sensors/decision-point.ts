import type { SensorHealth } from './sensor-health.ts'

/** Where another proxy, or an application, asks for decisions: an inline sensor that forwards nothing itself. */
export interface RunningDecisionPoint {
  /** Where it listens, `host:port`. */
  readonly address: string
  /** @param now Ms since the epoch. */
  health(now: number): SensorHealth
  /** Takes nothing new, lets what is under way finish for up to `drainMs`, hands on what it still holds. */
  close(drainMs: number): Promise<void>
}
