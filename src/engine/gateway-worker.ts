import { parentPort, workerData } from 'node:worker_threads'
import { Redactor } from '../call/redactor.ts'
import { Enforcement } from '../enforce/enforcement.ts'
import { systemClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import { Gateway } from '../sensors/gateway/gateway.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import { GatewayGuard } from './gateway-guard.ts'
import type { FromGateway, GatewayWorkerData, ToGateway } from './protocol.ts'
import { redactorOptions } from './redaction.ts'
import { RingWriter } from './ring.ts'

/** One gateway loop: its own listener, its own event loop, the last snapshots it was handed. Never waits for analysis. */
const data = workerData as GatewayWorkerData
const port = parentPort
if (port === null) throw new Error('the gateway loop runs as a worker thread')
const tell = (message: FromGateway): void => port.postMessage(message)

const sensor: SensorId = 'gateway'
const counters = new CounterSet()
const ring = new RingWriter(data.ring)
const enforcement = new Enforcement({ clock: systemClock, instance: `g${data.index}` })
const guard = new GatewayGuard({
  redactor: new Redactor(redactorOptions(data.redaction, data.key)),
  enforcement,
  hand: exchange => ring.write({ ...exchange, sensor }),
  counters,
})
const gateway = new Gateway(
  {
    host: data.config.host,
    port: data.config.port,
    upstream: new URL(data.upstream),
    reusePort: data.config.workers > 1,
    windowBytes: data.config.windowBytes,
    trustedProxies: data.config.trustedProxies,
  },
  guard,
  systemClock,
)

const reportEveryMs = 250
const report = (): void =>
  tell({
    type: 'report',
    health: gateway.health(),
    counters: { ...counters.toJSON(), ...gateway.counters.toJSON(), ...enforcement.counters.toJSON() },
    decisions: enforcement.drainDecisions(),
    quarantines: enforcement.drainQuarantines(),
  })
const reporting = setInterval(report, reportEveryMs)

port.on('message', (message: ToGateway) => {
  switch (message.type) {
    case 'analysis':
      guard.learn(message.snapshot)
      return
    case 'control':
      guard.control(message.snapshot)
      tell({ type: 'controlled', version: message.snapshot.version })
      return
    case 'close':
      clearInterval(reporting)
      void gateway.close(message.drainMs).then(() => {
        report()
        tell({ type: 'closed' })
        port.close()
      })
  }
})

try {
  const { host, port: bound } = await gateway.listen()
  tell({ type: 'listening', host, port: bound })
} catch (thrown) {
  const { code, message, where, mend } = SallyportError.from(thrown)
  clearInterval(reporting)
  tell({
    type: 'failed',
    code,
    message,
    ...(where === undefined ? {} : { where }),
    ...(mend === undefined ? {} : { mend }),
  })
  port.close()
}
