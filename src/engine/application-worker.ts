import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import type { ApplicationWorkerData, FromApplication, ToApplication } from './protocol.ts'
import { System } from './system.ts'

/** Control of a Sallyport inside an application, in a thread of its own: the application's thread does nothing but decide. */
const { config } = workerData as ApplicationWorkerData
const port = parentPort
if (port === null) throw new Error('control of an application runs as a worker thread')
const tell = (message: FromApplication): void => port.postMessage(message)

try {
  const log = (line: string): void => tell({ type: 'said', line })
  const system = await System.start({ config, clock: systemClock, log, application: true })
  port.on('message', (message: ToApplication) => {
    if (message.type !== 'close') return
    void system.close().finally(() => {
      tell({ type: 'closed' })
      port.close()
    })
  })
  const { lent } = system
  if (lent !== undefined)
    port.postMessage({ type: 'lent', port: lent.port, data: lent.data } satisfies FromApplication, [
      lent.port,
    ])
} catch (thrown) {
  tell({ type: 'failed', ...SallyportError.from(thrown).toPlain() })
  port.close()
}
