import type { Clock } from '../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../sensors/context-sensor.ts'
import type { SensorsConfig } from './sensor-config.ts'

/**
 * How much a sensor is wanted: `asked` for, then a failure to start is trouble and it is tried again; only `offered`, then it is left
 * out where it cannot start.
 */
export type Wanted = 'asked' | 'offered'

/** A sensor as the sensors' thread starts it. Its module is loaded only then. */
export interface SensorStarter {
  /** The key under `sensors`, and what its edges are said to be learned from. */
  readonly id: string
  /** What it brings, in words. */
  readonly kind: string
  /** Undefined where the configuration does not speak of it. */
  readonly wanted: (config: SensorsConfig) => Wanted | undefined
  readonly start: (sink: ContextSink, clock: Clock, config: SensorsConfig) => Promise<RunningSensor>
}

const otlp: SensorStarter = {
  id: 'otlp',
  kind: 'OpenTelemetry traces',
  wanted: ({ otlp: { enabled } }) => (enabled === 'auto' ? 'offered' : enabled ? 'asked' : undefined),
  start: async (sink, clock, { otlp: { enabled: _, token, ...options } }) => {
    const { OtlpSensor } = await import('../sensors/otlp/otlp-sensor.ts')
    return await OtlpSensor.start(sink, clock, { ...options, ...(token === undefined ? {} : { token }) })
  },
}

/** Every sensor that can stand beside the request path. */
export const sensorStarters: readonly SensorStarter[] = [otlp]

/** Is there any to start? Without one no thread is. */
export const wantsSensors = (config: SensorsConfig): boolean =>
  sensorStarters.some(starter => starter.wanted(config) !== undefined)
