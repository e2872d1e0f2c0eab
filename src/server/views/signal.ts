import type { Signal } from '../../detect/signal.ts'
import type { SignalView } from '../api/signal.ts'
import type { Backend } from '../backend.ts'
import { optional } from './optional.ts'
import { stamp } from './stamp.ts'

/** @param backend Tells the title of the detector; a detector that is gone goes by its id. */
export function signalViewOf(signal: Signal, backend: Pick<Backend, 'detectorText'>): SignalView {
  return {
    id: signal.id,
    detector: signal.detector,
    detectorTitle: backend.detectorText(signal.detector)?.title ?? signal.detector,
    time: stamp(signal.time),
    severity: signal.severity,
    confidence: signal.confidence,
    principal: signal.principal,
    ...optional('tenant', signal.tenant),
    ...optional('endpoint', signal.endpoint),
    message: signal.message,
    observed: signal.observed,
    expected: signal.expected,
    attempt: signal.attempt,
    owasp: signal.owasp,
    attack: signal.attack,
    evidence: signal.evidence,
    objects: signal.objects,
    dataClasses: signal.dataClasses,
    ...optional('actor', signal.actor),
    ...optional('calibrated', signal.calibrated),
    ...optional('held', signal.held),
  }
}
