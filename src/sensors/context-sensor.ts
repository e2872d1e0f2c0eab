import type { ContextEvent } from '../call/event.ts'
import type { RawExchange } from '../call/raw-exchange.ts'
import type { SensorHealth } from './sensor-health.ts'

/** Where a sensor beside the request path hands what it saw. Never throws, never blocks; what does not fit is dropped and counted. */
export interface ContextSink {
  /** A call with its secrets: it is sealed before anything is kept. */
  call(exchange: RawExchange): void
  /** Free of secrets: the sensor left them out. */
  event(event: ContextEvent): void
}

/** A sensor that runs until it is closed. */
export interface RunningSensor {
  /** Where it listens, `host:port`; absent where it does not. */
  readonly address?: string
  /** @param now Ms since the epoch. */
  health(now: number): SensorHealth
  /** Hands on what it still holds, then stops. */
  close(): Promise<void>
}
