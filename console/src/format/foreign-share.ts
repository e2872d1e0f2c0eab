import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import type { SignalView } from '../../../src/server/api/signal.ts'
import { principalName } from './names.ts'
import { count, percent } from './number.ts'

export interface ForeignShareView {
  readonly sentence: string
  /** 0 to 1. */
  readonly here: number
  readonly usual: number
}

type Signal = Pick<SignalView, 'principal' | 'observed' | 'expected' | 'evidence'>

/**
 * Of a principal's answered calls to an endpoint, how many brought what belongs to others, against how often that happens to
 * everyone. Undefined where the expectation names no agreement or the principal's calls are not counted.
 */
export function foreignShare(
  signal: Signal,
  callers: EndpointDetailView['callers'] | undefined,
): ForeignShareView | undefined {
  const { agreement } = signal.expected
  const caller = callers?.find(({ principal }) => principal === signal.principal)
  const calls = caller === undefined ? undefined : caller.calls - caller.refused
  if (typeof agreement !== 'number' || calls === undefined || calls < 1) return undefined
  const objects = typeof signal.observed.objects === 'number' ? signal.observed.objects : 0
  const foreign = Math.min(calls, Math.max(objects, signal.evidence.length))
  if (foreign < 1) return undefined
  const here = foreign / calls
  const usual = Math.max(0, 1 - agreement)
  const everyone =
    usual === 0 ? 'for everyone else it is none' : `for everyone together it is ${percent(usual)}`
  const sentence = `Of ${principalName(signal.principal)}’s ${count(calls)} answered calls here, ${count(foreign)} brought what belongs to others (${percent(here)}); ${everyone}.`
  return { sentence, here, usual }
}
