import { unwatchFile, watchFile } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { SallyportError } from '../kit/error.ts'
import { Gateway, type GatewayOptions } from '../sensors/gateway/gateway.ts'
import { gatewayOptions } from './gateway-config.ts'
import { GuardLoop } from './guard-loop.ts'
import type { FromGateway, GatewayWorkerData, ToGateway } from './protocol.ts'

/** One gateway loop: its own listener, its own event loop. */
const data = workerData as GatewayWorkerData
const port = parentPort
if (port === null) throw new Error('the gateway loop runs as a worker thread')
const tell = (message: FromGateway): void => port.postMessage(message)

const loop = await GuardLoop.open(port, data)
const optionsOf = ({ config, upstream }: Pick<GatewayWorkerData, 'config' | 'upstream'>): GatewayOptions => ({
  ...gatewayOptions(config, upstream),
  ticketKeys: data.ticketKeys,
})
const gateway = new Gateway(optionsOf(data), loop.guardOf('gateway'), loop.clock)

/** How often files of certificates are looked at, for those who renew them. */
const watchMs = 5_000
let watched: readonly string[] = []

function watch(): void {
  for (const path of watched) unwatchFile(path, renew)
  watched = gateway.certificatePaths
  for (const path of watched) watchFile(path, { interval: watchMs, persistent: false }, renew)
}

function renew(): void {
  attempt('certificates', () => gateway.reloadCertificates())
}

function attempt(what: 'options' | 'certificates', reload: () => void): void {
  try {
    reload()
    tell({ type: 'reloaded', what })
  } catch (thrown) {
    tell({ type: 'reloaded', what, trouble: SallyportError.from(thrown).toDisplayString() })
  }
}

port.on('message', (message: ToGateway) => {
  if (message.type !== 'reload') return
  attempt('options', () => gateway.reload(optionsOf(message)))
  watch()
})
watch()
await loop.carry({
  health: () => [gateway.health()],
  counters: () => gateway.counters.toJSON(),
  close: drainMs => gateway.close(drainMs),
})

try {
  const { host, port: bound } = await gateway.listen()
  tell({ type: 'listening', host, port: bound })
} catch (thrown) {
  tell({ type: 'failed', ...SallyportError.from(thrown).toPlain() })
  loop.abandon()
}
