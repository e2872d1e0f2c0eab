import type { Baseline } from '../../baseline/baseline.ts'
import type { Observation } from '../../baseline/observation.ts'
import { actsForOthers } from '../acts-for-others.ts'
import type { DetectorFacts } from '../detector.ts'
import { loginAttemptOf } from '../login-attempt.ts'
import type { Why } from './why.ts'

const graphFamilies: ReadonlySet<string> = new Set(['movement', 'runtime'])

/** What can be said of a call without asking the detector, by what kind of detector it is. */
export function generalWhy(definition: DetectorFacts, o: Observation, baseline: Baseline): Why {
  const { family, kind } = definition
  if (o.learning)
    return {
      state: 'learning',
      text: 'The call was read as history: everything is learned from it, nothing is raised.',
    }
  if (graphFamilies.has(family))
    return { state: 'other-kind', text: 'It looks at what workloads do, not at single calls.' }
  if (family === 'authentication' && loginAttemptOf(o) === undefined)
    return { state: 'other-kind', text: 'It looks at logins, and this call is none that can be told.' }
  if (family === 'token' && o.identity.token === undefined)
    return { state: 'other-kind', text: 'It follows tokens, and this call carried none.' }
  if (family === 'authorization' && o.identity.kind === 'anonymous')
    return {
      state: 'other-kind',
      text: 'It compares who asks with whose it is, and nobody had logged in here.',
    }
  if (family === 'authorization' && actsForOthers(o))
    return { state: 'exempt', text: 'The caller acts for others by its role or kind.' }
  if (o.outcome === 'failed' || o.outcome === 'unknown')
    return { state: 'other-kind', text: 'There is no answer to the call that says whether it did anything.' }
  const ready = kind === 'statistical' ? baseline.ready(o.match.endpoint) : undefined
  if (ready !== undefined)
    return { state: 'learning', text: `What is usual at ${o.match.endpoint} is not known yet. ${ready}` }
  return {
    state: 'below',
    text: 'It looked, and found nothing in this call or the ones before it to speak of.',
  }
}
