import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { HostedSensor } from './hosted-sensor.ts'
import type { FromSensors, SensorWorkerData, ToSensors } from './protocol.ts'
import { RingWriter } from './ring.ts'
import { sensorStarters } from './sensor-starters.ts'

/** The sensors' loop: hosts every context sensor, hands on what they see, reports how they are. Never in the request path. */
const data = workerData as SensorWorkerData
const port = parentPort
if (port === null) throw new Error('the sensors run in a worker thread')
const tell = (message: FromSensors): void => port.postMessage(message)

const reportEveryMs = 1_000
const counters = new CounterSet()
const ring = new RingWriter(data.ring)
const clock = systemClock
const parts = { config: data.config, clock, ring }
const sensors = sensorStarters.flatMap(starter => {
  const wanted = starter.wanted(data.config)
  return wanted === undefined ? [] : [new HostedSensor(starter, wanted, parts)]
})

// What a sensor's library throws outside of any call must not end the others.
const survive = (): void => counters.add('sallyport_sensor_errors_total')
process.on('uncaughtException', survive)
process.on('unhandledRejection', survive)

const report = (): void => {
  const now = clock.now()
  tell({ type: 'report', health: sensors.map(sensor => sensor.health(now)), counters: counters.toJSON() })
}

function say(sensor: HostedSensor): void {
  const { id, address, trouble, wanted } = sensor
  if (trouble === undefined) tell({ type: 'started', id, ...(address === undefined ? {} : { address }) })
  else tell({ type: 'failed', id, trouble: trouble.toDisplayString(), asked: wanted === 'asked' })
}

await Promise.all(
  sensors.map(async sensor => {
    await sensor.start()
    say(sensor)
  }),
)
report()
tell({ type: 'ready' })

const reporting = setInterval(() => {
  report()
  for (const sensor of sensors)
    void sensor.retry(clock.now()).then(began => {
      if (began) say(sensor)
    })
}, reportEveryMs)

port.on('message', (message: ToSensors) => {
  if (message.type !== 'close') return
  clearInterval(reporting)
  void Promise.allSettled(sensors.map(sensor => sensor.close())).then(() => {
    report()
    tell({ type: 'closed' })
    port.close()
  })
})
