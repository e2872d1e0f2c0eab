import { parentPort, workerData } from 'node:worker_threads'
import { decisionPoints } from './decision-points.ts'
import { GuardLoop } from './guard-loop.ts'
import { HostedDecisionPoint } from './hosted-decision-point.ts'
import type { DecisionWorkerData, FromDecisions } from './protocol.ts'

/** The loop of every decision point other than the gateway: one thread, one guard, each point with its own listener. */
const data = workerData as DecisionWorkerData
const port = parentPort
if (port === null) throw new Error('the decision points run in a worker thread')
const tell = (message: FromDecisions): void => port.postMessage(message)

const retryEveryMs = 1_000
const loop = await GuardLoop.open(port, data)
const points = decisionPoints.flatMap(starter => {
  const wanted = starter.wanted(data.config)
  return wanted === undefined ? [] : [new HostedDecisionPoint(starter, wanted, data.config, loop)]
})

// What a listener throws outside of any call must not end the others.
const survive = (): void => loop.counters.add('sallyport_decision_point_errors_total')
process.on('uncaughtException', survive)
process.on('unhandledRejection', survive)

function say(point: HostedDecisionPoint): void {
  const { id, address, trouble, wanted } = point
  if (trouble === undefined) tell({ type: 'started', id, ...(address === undefined ? {} : { address }) })
  else tell({ type: 'failed', id, trouble: trouble.toDisplayString(), asked: wanted === 'asked' })
}

const retrying = setInterval(() => {
  for (const point of points)
    void point.retry(loop.clock.now()).then(began => {
      if (began) say(point)
    })
}, retryEveryMs)

await loop.carry({
  health: now => points.map(point => point.health(now)),
  counters: () => ({}),
  close: async drainMs => {
    clearInterval(retrying)
    await Promise.allSettled(points.map(point => point.drain(drainMs)))
  },
})

await Promise.all(
  points.map(async point => {
    await point.start()
    say(point)
  }),
)
tell({ type: 'ready' })
