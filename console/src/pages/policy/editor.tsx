import { Button, SegmentedControl } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { FlaskConical, Save, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useDeletePolicy, usePolicyCheck, useSavePolicy, useSimulate } from '../../api/policies.ts'
import type { PolicyView } from '../../api/types.ts'
import { policyPath } from '../../format/paths.ts'
import { type Mode, modeIn, nameIn, withMode } from '../../format/policy-source.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { CodeArea } from './code-area.tsx'
import { Problems } from './problems.tsx'
import { SaveProblem } from './save-problem.tsx'
import { Simulation } from './simulation.tsx'
import './policy.css'

interface EditorProps {
  /** Absent while it is new. */
  readonly policy?: PolicyView
  readonly initial: string
  readonly onReload?: () => Promise<unknown>
}

/** Write, check while writing, run over recorded calls, save over the version it was made from. */
export function Editor({ policy, initial, onReload }: EditorProps) {
  const [source, setSource] = useState(initial)
  const [version, setVersion] = useState(policy?.version)
  const [settled] = useDebouncedValue(source, 400)
  const check = usePolicyCheck(settled)
  const simulate = useSimulate()
  const save = useSavePolicy()
  const remove = useDeletePolicy()
  const navigate = useNavigate()
  const mayAct = useMayAct()
  const name = policy?.name ?? nameIn(source)
  const valid = check.data?.valid !== false
  const changed = source !== (policy?.source ?? '')

  const submit = (): void => {
    if (name === undefined) return
    save.mutate(
      { name, source, ...(version === undefined ? {} : { version }) },
      {
        onSuccess: saved => {
          setVersion(saved.version)
          if (policy === undefined) navigate(policyPath(saved.name), { replace: true })
        },
      },
    )
  }
  return (
    <div className="editor">
      <div className="spread">
        <div className="row">
          <SegmentedControl
            aria-label="Mode"
            data={[
              { value: 'shadow', label: 'Shadow' },
              ...(modeIn(source) === 'canary' ? [{ value: 'canary', label: 'Canary' }] : []),
              { value: 'enforce', label: 'Enforce' },
            ]}
            value={modeIn(source)}
            onChange={mode => setSource(withMode(source, mode as Mode))}
          />
          <span className="dim">
            {modeIn(source) === 'enforce'
              ? 'acts on calls once it is saved'
              : modeIn(source) === 'canary'
                ? 'acts for a share of callers, and records what it would do to the others'
                : 'records what it would do, and does nothing'}
          </span>
        </div>
        <div className="row">
          <Button
            variant="default"
            leftSection={<FlaskConical size={15} />}
            loading={simulate.isPending}
            disabled={!valid}
            onClick={() => simulate.mutate(source)}
          >
            Simulate
          </Button>
          <Button
            leftSection={<Save size={15} />}
            loading={save.isPending}
            disabled={!mayAct || !valid || !changed || name === undefined}
            onClick={submit}
          >
            {policy === undefined ? 'Create' : 'Save'}
          </Button>
        </div>
      </div>
      <CodeArea
        label="Policy source"
        value={source}
        onChange={setSource}
        problems={check.data?.problems ?? []}
        onSave={submit}
      />
      {check.error !== null ? (
        <ProblemNote doing="Checking the policy" error={check.error} onRetry={() => check.refetch()} />
      ) : (
        <Problems check={check.data} named={name !== undefined} />
      )}
      {save.error !== null && (
        <SaveProblem
          error={save.error}
          onReload={async () => {
            await onReload?.()
            save.reset()
          }}
        />
      )}
      {simulate.error !== null && (
        <ProblemNote doing="Simulating" error={simulate.error} onRetry={() => simulate.mutate(source)} />
      )}
      {simulate.data !== undefined && <Simulation simulation={simulate.data} />}
      {remove.error !== null && <ProblemNote doing="Deleting" error={remove.error} />}
      {mayAct && policy !== undefined && version !== undefined && (
        <div>
          <Button
            size="xs"
            variant="subtle"
            color="danger"
            leftSection={<Trash2 size={14} />}
            loading={remove.isPending}
            onClick={() => {
              if (window.confirm(`Delete the policy ${policy.name}? Nothing will act in its place.`))
                remove.mutate({ name: policy.name, version }, { onSuccess: () => navigate('/policies') })
            }}
          >
            Delete this policy
          </Button>
        </div>
      )}
    </div>
  )
}
