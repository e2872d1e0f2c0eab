import type { PolicyView } from '../../../src/server/api/policy.ts'
import { stageName } from '../format/rollout.ts'

const tones = { shadow: undefined, canary: 'warn', enforce: 'good' } as const
const titles = {
  shadow: 'Writes down what it would do, and does nothing',
  canary: 'Acts for a share of callers, and is compared with the others',
  enforce: 'Acts on calls',
} as const

/** How far a policy is. */
export function StageChip({ policy }: { readonly policy: Pick<PolicyView, 'mode' | 'rollout'> }) {
  if (policy.mode === 'invalid')
    return (
      <span className="chip" data-tone="bad" title="This version cannot read it: it does nothing">
        cannot be read
      </span>
    )
  const { stage } = policy.rollout
  return (
    <span className="chip" data-tone={tones[stage.mode]} title={titles[stage.mode]}>
      {stageName(stage)}
    </span>
  )
}
