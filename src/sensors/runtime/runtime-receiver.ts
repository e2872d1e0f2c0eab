import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import type { HttpLinesOptions } from '../streams/http-lines.ts'
import { LineReceiver } from '../streams/line-receiver.ts'

export type RuntimeReceiverOptions = HttpLinesOptions

/**
 * Receives what runtime security sensors see: `POST /falco` (Falco's `http_output`, Falcosidekick's webhook), `/kubearmor` and `/tetragon`
 * (whatever relays their JSON), or `/events` for any of them; JSON, JSON lines or lists of them, also coded. On one port.
 */
export const RuntimeReceiver = {
  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  start: (
    sink: ContextSink,
    clock: Clock,
    options: Partial<RuntimeReceiverOptions>,
  ): Promise<RunningSensor> =>
    LineReceiver.listen(
      {
        id: 'runtime',
        kind: 'Runtime security events',
        paths: {
          '/falco': ['falco'],
          '/kubearmor': ['kubearmor'],
          '/tetragon': ['tetragon'],
          '/events': ['falco', 'kubearmor', 'tetragon', 'jsonl'],
        },
        sees: 'none',
        nameOf: told => {
          if (!('type' in told) || told.type !== 'runtime') return undefined
          const node = told.extra?.node
          return typeof node === 'string' ? `${told.source} on ${node}` : told.source
        },
      },
      sink,
      clock,
      options,
    ),
}
