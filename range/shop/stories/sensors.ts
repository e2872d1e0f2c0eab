import type { SallyportEvent } from '../../../src/call/event.ts'
import type { RawExchange } from '../../../src/call/raw-exchange.ts'
import { Redactor } from '../../../src/call/redactor.ts'
import { sealCall } from '../../../src/call/seal-call.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { CloudReceiver } from '../../../src/sensors/cloud/cloud-receiver.ts'
import type { ContextSink } from '../../../src/sensors/context-sensor.ts'
import { Gateway } from '../../../src/sensors/gateway/gateway.ts'
import { pass } from '../../../src/sensors/guard.ts'
import { OtlpSensor } from '../../../src/sensors/otlp/otlp-sensor.ts'
import { RuntimeReceiver } from '../../../src/sensors/runtime/runtime-receiver.ts'
import type { SensorId } from '../../../src/sensors/sensor-id.ts'
import type { Collectors, Estate } from './estate.ts'

/** The product's sensors and its gateway, in this process, without the analysis behind them. */
export interface Sensors {
  readonly collectors: Collectors
  /** Base URL of the gateway before the estate. */
  readonly target: string
  /** Ends them; what still waits for its other side is told. */
  close(): Promise<void>
}

/** Starts them before the estate. @param onEvent told each event as analysis would be. */
export async function startSensors(
  estate: Estate,
  onEvent: (event: SallyportEvent) => void,
): Promise<Sensors> {
  const redactor = new Redactor({ key: new Uint8Array(32) })
  const sink = (sensor: SensorId): ContextSink => ({
    call: (exchange: RawExchange) => onEvent(sealCall({ ...exchange, sensor }, redactor)),
    event: event => onEvent(event.type === 'access' ? { sensor, ...event } : event),
  })
  const [otlp, runtime, cloud] = [
    await OtlpSensor.start(sink('otlp'), systemClock, { httpPort: 0 }),
    await RuntimeReceiver.start(sink('runtime'), systemClock, { port: 0 }),
    await CloudReceiver.start(sink('cloud'), systemClock, { port: 0 }),
  ]
  const needs = { requestBody: true, response: false, responseBody: false }
  const gateway = new Gateway(
    { host: '127.0.0.1', port: 0, upstream: new URL(estate.url), trustedProxies: ['127.0.0.1/32'] },
    {
      admit: () => ({ verdict: pass, needs, decideBody: () => pass, decideResponse: () => pass }),
      observe: sink('gateway').call,
    },
    systemClock,
  )
  const { host, port } = await gateway.listen()
  return {
    collectors: {
      otlp: `http://${otlp.addresses[0]}`,
      runtime: `http://${runtime.address}`,
      cloud: `http://${cloud.address}`,
    },
    target: `http://${host}:${port}`,
    close: async () => {
      await gateway.close(1_000)
      await Promise.all([otlp.close(), runtime.close(), cloud.close()])
    },
  }
}
