import type { Signal } from '../../detect/signal.ts'
import type { BacktestSignalView, BacktestView } from '../api/backtest.ts'
import type { Backtest } from '../backend.ts'
import { present } from './present.ts'
import { stamp } from './stamp.ts'

const signalOf = (signal: Signal): BacktestSignalView =>
  present({
    id: signal.id,
    time: stamp(signal.time),
    severity: signal.severity,
    confidence: signal.confidence,
    principal: signal.principal,
    endpoint: signal.endpoint,
    message: signal.message,
    evidence: signal.evidence.slice(0, 20),
  })

export const backtestViewOf = ({ from, to, appeared, vanished, ...told }: Backtest): BacktestView =>
  present({
    ...told,
    from: from === undefined ? undefined : stamp(from),
    to: to === undefined ? undefined : stamp(to),
    appeared: appeared.map(signalOf),
    vanished: vanished.map(signalOf),
  })
