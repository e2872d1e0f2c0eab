import { Button } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { PolicyView } from '../../../../src/server/api/policy.ts'
import type { PolicyVersionView } from '../../../../src/server/api/policy-version.ts'
import { usePolicyHistory, useRollback } from '../../api/policies.ts'
import { capital, principalName } from '../../format/names.ts'
import { plural } from '../../format/number.ts'
import { stageName } from '../../format/rollout.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { VersionDiff } from './version-diff.tsx'

/** Every version, what it changed, and the way back to it. */
export function HistorySection({ policy }: { readonly policy: PolicyView }) {
  const history = usePolicyHistory(policy.name)
  const rollback = useRollback(policy.name)
  const mayAct = useMayAct()
  const [asked, setAsked] = useState<PolicyVersionView | undefined>(undefined)
  return (
    <Section
      title="Versions"
      note={history.data === undefined ? undefined : plural(history.data.items.length, 'version')}
    >
      <Loaded query={history} doing="Loading the versions">
        {({ items }) => (
          <ol className="versions">
            {items.map((version, index) => (
              <li key={version.version}>
                <div className="spread">
                  <p>
                    <b>Version {version.version}</b> {capital(changeWords(version.change))}, by{' '}
                    {principalName(version.by)} at <Moment at={version.at} />{' '}
                    <span className="chip">{stageName(version.stage)}</span>
                  </p>
                  {mayAct && index > 0 && (
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      className="no-print"
                      leftSection={<Undo2 size={13} />}
                      onClick={() => {
                        rollback.reset()
                        setAsked(version)
                      }}
                    >
                      Bring back version {version.version}…
                    </Button>
                  )}
                </div>
                <VersionDiff before={items[index + 1]?.source} after={version.source} />
              </li>
            ))}
          </ol>
        )}
      </Loaded>
      {asked !== undefined && (
        <ConfirmDialog
          title={`Bring back version ${asked.version}?`}
          words={[
            `${policy.name} will say again what it said at version ${asked.version}: ${stageName(asked.stage)}, at once, for everybody. What it says now stays in the history.`,
          ]}
          confirm={`Bring back version ${asked.version}`}
          pending={rollback.isPending}
          error={rollback.error}
          onClose={() => setAsked(undefined)}
          onConfirm={() =>
            rollback.mutate({ version: asked.version }, { onSuccess: () => setAsked(undefined) })
          }
        >
          <VersionDiff before={policy.source} after={asked.source} open />
        </ConfirmDialog>
      )}
    </Section>
  )
}

/** `put`, `promote to …`: what the server calls a change, as a person would. */
const changeWords = (change: string): string =>
  change === 'put'
    ? 'written'
    : change.replace(/^promote to/, 'promoted to').replace(/^rollback to (\d+)/, 'went back to version $1')
