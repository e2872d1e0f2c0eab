import type { Clock } from '../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../sensors/context-sensor.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import { type Wanted, wantedBy } from './hosted.ts'
import type { SensorsConfig } from './sensor-config.ts'

/** A sensor as the sensors' thread starts it. Its module is loaded only then. */
export interface SensorStarter {
  /** The key under `sensors`, and what its edges are said to be learned from. */
  readonly id: SensorId & keyof SensorsConfig
  /** What it brings, in words. */
  readonly kind: string
  /** Undefined where the configuration does not speak of it. */
  readonly wanted: (config: SensorsConfig) => Wanted | undefined
  readonly start: (sink: ContextSink, clock: Clock, config: SensorsConfig) => Promise<RunningSensor>
}

const otlp: SensorStarter = {
  id: 'otlp',
  kind: 'OpenTelemetry traces',
  wanted: ({ otlp: { enabled } }) => wantedBy(enabled),
  start: async (sink, clock, { otlp: { enabled: _, ...options } }) => {
    const { OtlpSensor } = await import('../sensors/otlp/otlp-sensor.ts')
    return await OtlpSensor.start(sink, clock, given(options))
  },
}

const kubernetes: SensorStarter = {
  id: 'kubernetes',
  kind: 'Kubernetes objects',
  wanted: ({ kubernetes: { enabled } }) => (enabled ? 'asked' : undefined),
  start: async (sink, clock, { kubernetes: { enabled: _, ...options } }) => {
    const { KubernetesSensor } = await import('../sensors/kubernetes/kubernetes-sensor.ts')
    return await KubernetesSensor.start(sink, clock, given(options))
  },
}

/** A sensor that is there when the configuration speaks of it. */
function spokenOf<Key extends 'pcap' | 'mirror' | 'envoy' | 'runtime' | 'cloud' | 'nats' | 'kafka'>(
  id: Key,
  kind: string,
  start: (
    sink: ContextSink,
    clock: Clock,
    options: Given<NonNullable<SensorsConfig[Key]>>,
  ) => Promise<RunningSensor>,
): SensorStarter {
  return {
    id,
    kind,
    wanted: config => (config[id] === undefined ? undefined : 'asked'),
    start: async (sink, clock, config) =>
      await start(sink, clock, given(config[id] as NonNullable<SensorsConfig[Key]>)),
  }
}

const pcap = spokenOf('pcap', 'Captured packets', async (sink, clock, options) => {
  const { CaptureSensor } = await import('../sensors/capture/capture-sensor.ts')
  return await CaptureSensor.start(sink, clock, options)
})

const mirror = spokenOf('mirror', 'Mirrored requests', async (sink, clock, options) => {
  const { MirrorSensor } = await import('../sensors/mirror/mirror-sensor.ts')
  return await MirrorSensor.start(sink, clock, options)
})

const envoy = spokenOf('envoy', 'Envoy access logs', async (sink, clock, options) => {
  const { EnvoySensor } = await import('../sensors/envoy/envoy-sensor.ts')
  return await EnvoySensor.start(sink, clock, options)
})

const runtime = spokenOf('runtime', 'Runtime security events', async (sink, clock, options) => {
  const { RuntimeReceiver } = await import('../sensors/runtime/runtime-receiver.ts')
  return await RuntimeReceiver.start(sink, clock, options)
})

const cloud = spokenOf('cloud', 'Cloud audit logs', async (sink, clock, options) => {
  const { CloudReceiver } = await import('../sensors/cloud/cloud-receiver.ts')
  return await CloudReceiver.start(sink, clock, options)
})

const nats = spokenOf('nats', 'NATS JetStream', async (sink, clock, options) => {
  const { NatsSensor } = await import('../sensors/streams/nats-sensor.ts')
  return await NatsSensor.start(sink, clock, options)
})

const kafka = spokenOf('kafka', 'Kafka', async (sink, clock, options) => {
  const { KafkaSensor } = await import('../sensors/streams/kafka-sensor.ts')
  return await KafkaSensor.start(sink, clock, options)
})

type Given<Options> = { [Key in keyof Options]: Exclude<Options[Key], undefined> }

/** Only the options that were given: the others have the sensor's own defaults. */
const given = <Options extends object>(options: Options): Given<Options> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<Options>

/** Every sensor that can stand beside the request path. */
export const sensorStarters: readonly SensorStarter[] = [
  otlp,
  kubernetes,
  pcap,
  mirror,
  envoy,
  runtime,
  cloud,
  nats,
  kafka,
]

/** Is there any to start? Without one no thread is. */
export const wantsSensors = (config: SensorsConfig): boolean =>
  sensorStarters.some(starter => starter.wanted(config) !== undefined)
