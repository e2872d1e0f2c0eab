import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Save } from 'lucide-react'
import { useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { PolicyView } from '../../../../src/server/api/policy.ts'
import { usePolicyCheck, useSavePolicy } from '../../api/policies.ts'
import { ApiProblem } from '../../api/problem.ts'
import { policyPath } from '../../format/paths.ts'
import { modeIn, nameIn, withMode } from '../../format/policy-source.ts'
import { useDraft, useKeptDraft } from '../../hooks/draft.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'
import { CodeEditor, type CodeEditorHandle } from './code-editor.tsx'
import { Problems } from './problems.tsx'
import { SaveProblem } from './save-problem.tsx'
import { SimulationSection } from './simulation-section.tsx'
import { useVocabulary } from './vocabulary.ts'
import './policy.css'

interface EditorProps {
  /** As it is stored; absent while it is new. */
  readonly policy?: PolicyView
  readonly initial: string
  /** What unsaved typing is kept under in this tab. */
  readonly draft: string
  /** Asks for the stored version again. */
  readonly onReload?: () => Promise<{ readonly data: PolicyView | undefined }>
}

/** Write, check while writing, run over recorded calls, save over the version it was made from. */
export function Editor({ policy, initial, draft, onReload }: EditorProps) {
  const { found, keep } = useDraft(draft)
  const [source, setSource] = useState(found?.source ?? initial)
  // What is stored may change by a promotion or by someone else: it is taken over where nothing was typed.
  const [base, setBase] = useState(found?.base ?? { version: policy?.version, source: policy?.source ?? '' })
  const [isBack, setIsBack] = useState(found !== undefined)
  const [settled] = useDebouncedValue(source, 300)
  const [asking, setAsking] = useState(false)
  const handle = useRef<CodeEditorHandle>(null)
  const check = usePolicyCheck(settled)
  const save = useSavePolicy()
  const navigate = useNavigate()
  const mayAct = useMayAct()
  const vocabulary = useVocabulary()
  if (policy !== undefined && policy.version !== base.version) {
    const untouched = source === base.source
    if (untouched) {
      setBase({ version: policy.version, source: policy.source })
      setSource(policy.source)
    }
  }
  const name = policy?.name ?? nameIn(source)
  const valid = check.data?.valid === true && settled === source
  const changed = source !== base.source
  // A ready-made policy as it came is no typing of anybody's.
  const typed = changed && source !== initial && source.trim() !== ''
  useKeptDraft(keep, typed ? { source, base } : undefined)

  const submit = (override?: string): void => {
    if (name === undefined || !mayAct || !changed) return
    save.mutate(
      {
        name,
        source,
        ...(base.version === undefined ? {} : { version: base.version }),
        ...(override === undefined ? {} : { override }),
      },
      {
        onSuccess: saved => {
          keep(undefined)
          setAsking(false)
          setIsBack(false)
          setBase({ version: saved.version, source: saved.source })
          setSource(saved.source)
          if (policy === undefined) navigate(policyPath(saved.name), { replace: true })
        },
      },
    )
  }
  const load = async (): Promise<void> => {
    const stored = (await onReload?.())?.data ?? policy
    setIsBack(false)
    if (stored === undefined) {
      setSource(initial)
      return
    }
    setBase({ version: stored.version, source: stored.source })
    setSource(stored.source)
    save.reset()
  }
  const needsSimulation = save.error instanceof ApiProblem && save.error.status === 428
  return (
    <>
      <Section
        title="The policy"
        note={changed && policy !== undefined ? 'Changed, not saved yet' : undefined}
      >
        <div className="editor">
          {isBack && (
            <p role="status">
              What you had typed here and not saved is back.{' '}
              <button type="button" className="plain-button link" onClick={() => void load()}>
                Begin from the {policy === undefined ? 'start' : 'stored version'} instead
              </button>
            </p>
          )}
          <CodeEditor
            label="Policy source"
            value={source}
            onChange={setSource}
            problems={check.data?.problems ?? []}
            vocabulary={vocabulary}
            onSave={submit}
            handle={handle}
          />
          <p id="policy-editor-keys" className="dim editor-keys">
            <kbd>Ctrl</kbd>+<kbd>Space</kbd> offers what fits, <kbd>Ctrl</kbd>+<kbd>S</kbd> saves.{' '}
            <kbd>Tab</kbd> indents; <kbd>Esc</kbd>, then <kbd>Tab</kbd> leaves the editor.
          </p>
          {check.error !== null ? (
            <ProblemNote doing="Checking the policy" error={check.error} onRetry={() => check.refetch()} />
          ) : (
            <Problems
              check={check.data}
              source={settled}
              named={name !== undefined}
              onGo={(line, column) => handle.current?.goTo(line, column)}
            />
          )}
          <div className="row no-print">
            <Button
              leftSection={<Save size={15} />}
              loading={save.isPending}
              disabled={!mayAct || !valid || !changed || name === undefined}
              onClick={() => submit()}
            >
              {saveLabel(policy, modeIn(source))}
            </Button>
            {changed && policy !== undefined && (
              <Button variant="subtle" onClick={() => void load()}>
                Take the changes back
              </Button>
            )}
            <span className="dim">
              {modeIn(source) === 'shadow'
                ? 'In shadow it writes down what it would do, and does nothing.'
                : changed
                  ? 'Its text says that it acts on calls: these very rules are to be simulated first.'
                  : 'It acts on calls. What is changed here is to be simulated before it is saved.'}
            </span>
          </div>
          {save.error !== null && !needsSimulation && (
            <SaveProblem error={save.error} onRetry={() => submit()} onReload={() => void load()} />
          )}
          {needsSimulation && (
            <div className="problem" role="alert">
              <p className="problem-title">Not saved: these rules act on calls and were not simulated.</p>
              <p>Simulate them below, then save. Or save them in shadow, where they do nothing yet.</p>
              <div className="row">
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    setSource(withMode(source, 'shadow'))
                    save.reset()
                  }}
                >
                  Set it to shadow
                </Button>
                <Button size="xs" variant="default" color="danger" onClick={() => setAsking(true)}>
                  Save without a simulation…
                </Button>
              </div>
            </div>
          )}
        </div>
      </Section>
      <SimulationSection source={source} valid={valid} policy={policy} changed={changed} />
      {asking && (
        <ConfirmDialog
          title="Save without a simulation?"
          words={['It acts on calls at once, and nobody has looked whom it would have touched.']}
          reason={{ label: 'Why it cannot wait', why: 'Say why, for those who look at it later.' }}
          confirm="Save and act"
          danger
          pending={save.isPending}
          error={null}
          onClose={() => setAsking(false)}
          onConfirm={submit}
        />
      )}
    </>
  )
}

const saveLabel = (policy: PolicyView | undefined, mode: string): string =>
  policy !== undefined ? 'Save' : mode === 'shadow' ? 'Create in shadow' : 'Create'
