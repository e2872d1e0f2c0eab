import { Button } from '@mantine/core'
import { ArrowRight, EyeOff, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { PolicyView } from '../../../src/server/api/policy.ts'
import type { StageView } from '../../../src/server/api/rollout.ts'
import { usePromote, useRollback } from '../api/policies.ts'
import { ApiProblem } from '../api/problem.ts'
import { capital } from '../format/names.ts'
import { needed, reachOf, stageChangeWords, stageName } from '../format/rollout.ts'
import { useMayAct } from '../hooks/may-act.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'

/** What is asked before it is done. */
type Asked = { readonly kind: 'promote'; readonly to: StageView } | { readonly kind: 'undo' }

const enforced: StageView = { mode: 'enforce' }

interface StageActionsProps {
  readonly policy: PolicyView
  /** Where there is little room. */
  readonly compact?: boolean
}

/** A policy to its next stage, back to shadow, or back to what it was: each says first what will happen. */
export function StageActions({ policy, compact = false }: StageActionsProps) {
  const size = compact ? 'compact-xs' : 'xs'
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const promote = usePromote(policy.name)
  const rollback = useRollback(policy.name)
  const mayAct = useMayAct()
  const { next, stage } = policy.rollout
  if (!mayAct || policy.mode === 'invalid') return null
  const ask = (what: Asked): void => {
    promote.reset()
    rollback.reset()
    setAsked(what)
  }
  const close = (): void => setAsked(undefined)
  return (
    <div className="row no-print">
      {next !== undefined && (
        <Button
          size={size}
          variant={needed(policy) === undefined ? 'filled' : 'default'}
          leftSection={<ArrowRight size={14} />}
          onClick={() => ask({ kind: 'promote', to: next })}
        >
          {next.mode === 'enforce' ? 'Enforce…' : `To ${stageName(next)}…`}
        </Button>
      )}
      {next !== undefined && next.mode !== 'enforce' && (
        <Button size={size} variant="default" onClick={() => ask({ kind: 'promote', to: enforced })}>
          Enforce…
        </Button>
      )}
      {stage.mode !== 'shadow' && (
        <Button
          size={size}
          variant="default"
          leftSection={<EyeOff size={14} />}
          onClick={() => ask({ kind: 'promote', to: { mode: 'shadow' } })}
        >
          Back to shadow…
        </Button>
      )}
      {policy.version > 1 && (
        <Button
          size={size}
          variant="subtle"
          aria-label="Undo the last change…"
          leftSection={<Undo2 size={14} />}
          onClick={() => ask({ kind: 'undo' })}
        >
          Undo…
        </Button>
      )}
      {asked?.kind === 'promote' && (
        <ConfirmDialog
          title={`${capital(promoteVerb(asked.to))} ${policy.name}?`}
          words={stageChangeWords(policy, asked.to)}
          reason={whyNeeded(policy, asked.to, promote.error)}
          confirm={
            asked.to.mode === 'shadow'
              ? 'Stop acting'
              : asked.to.mode === 'enforce'
                ? 'Enforce'
                : 'Start the canary'
          }
          danger={asked.to.mode !== 'shadow'}
          pending={promote.isPending}
          error={promote.error}
          onClose={close}
          onConfirm={override =>
            promote.mutate(
              { to: asked.to, ...(override === undefined ? {} : { override }) },
              { onSuccess: close },
            )
          }
        />
      )}
      {asked?.kind === 'undo' && (
        <ConfirmDialog
          title={`Undo the last change of ${policy.name}?`}
          words={[
            `Version ${policy.version} goes out of force, and what was before it comes back with its stage: at once, for everybody.`,
            'This becomes a version of its own, and can be undone as well.',
          ]}
          confirm="Undo"
          pending={rollback.isPending}
          error={rollback.error}
          onClose={close}
          onConfirm={() => rollback.mutate({}, { onSuccess: close })}
        />
      )}
    </div>
  )
}

const promoteVerb = (to: StageView): string =>
  to.mode === 'enforce'
    ? 'enforce'
    : to.mode === 'shadow'
      ? 'put back to shadow'
      : `start the ${stageName(to)} of`

/** Before its time, past a step or without a simulation somebody has to say why. */
function whyNeeded(policy: PolicyView, to: StageView, refused: Error | null) {
  const { rollout } = policy
  if (reachOf(to) <= reachOf(rollout.stage)) return undefined
  const waits = needed(policy)
  const skips = rollout.next !== undefined && reachOf(to) > reachOf(rollout.next)
  // The server knows more, such as how old a simulation is.
  const isEarly = refused instanceof ApiProblem && refused.status === 428
  if (waits === undefined && !skips && !isEarly) return undefined
  return {
    label: 'Why it is done all the same',
    why:
      waits === undefined && !skips
        ? 'Without a reason it is too early.'
        : waits === undefined
          ? `This goes past ${stageName(rollout.next ?? to)}, where it would be compared with those it does not act for.`
          : `It is early: ${waits}.`,
  }
}
