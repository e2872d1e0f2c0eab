import { parentPort, workerData } from 'node:worker_threads'
import { SallyportError } from '../kit/error.ts'
import { Gateway } from '../sensors/gateway/gateway.ts'
import { GuardLoop } from './guard-loop.ts'
import type { FromGateway, GatewayWorkerData } from './protocol.ts'

/** One gateway loop: its own listener, its own event loop. */
const data = workerData as GatewayWorkerData
const port = parentPort
if (port === null) throw new Error('the gateway loop runs as a worker thread')
const tell = (message: FromGateway): void => port.postMessage(message)

const loop = new GuardLoop(port, data)
const gateway = new Gateway(
  {
    host: data.config.host,
    port: data.config.port,
    upstream: new URL(data.upstream),
    reusePort: data.config.workers > 1,
    windowBytes: data.config.windowBytes,
    trustedProxies: data.config.trustedProxies,
  },
  loop.guardOf('gateway'),
  loop.clock,
)
await loop.carry({
  health: () => [gateway.health()],
  counters: () => gateway.counters.toJSON(),
  close: drainMs => gateway.close(drainMs),
})

try {
  const { host, port: bound } = await gateway.listen()
  tell({ type: 'listening', host, port: bound })
} catch (thrown) {
  const { code, message, where, mend } = SallyportError.from(thrown)
  tell({
    type: 'failed',
    code,
    message,
    ...(where === undefined ? {} : { where }),
    ...(mend === undefined ? {} : { mend }),
  })
  loop.abandon()
}
