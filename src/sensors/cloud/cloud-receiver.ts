import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import type { HttpLinesOptions } from '../streams/http-lines.ts'
import { LineReceiver } from '../streams/line-receiver.ts'

export type CloudReceiverOptions = HttpLinesOptions

/**
 * Receives audit records as they happen: `POST /cloudtrail` (EventBridge's API destinations), `/gcp-audit` (Pub/Sub's push),
 * `/kubernetes-audit` (the API server's webhook). On one port.
 */
export const CloudReceiver = {
  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  start: (sink: ContextSink, clock: Clock, options: Partial<CloudReceiverOptions>): Promise<RunningSensor> =>
    LineReceiver.listen(
      {
        id: 'cloud',
        kind: 'Cloud audit logs',
        paths: {
          '/cloudtrail': ['cloudtrail'],
          '/gcp-audit': ['gcp-audit'],
          '/kubernetes-audit': ['kubernetes-audit'],
        },
        sees: 'none',
        nameOf: (told, stream) => {
          const about = 'type' in told && told.type !== 'resource' ? told.extra : undefined
          const place = about?.account ?? about?.project
          return typeof place === 'string' ? `${stream.slice(1)} ${place}` : stream.slice(1)
        },
      },
      sink,
      clock,
      options,
    ),
}
