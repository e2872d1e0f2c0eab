import { Button } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { PolicyView } from '../../../../src/server/api/policy.ts'
import { useDeletePolicy } from '../../api/policies.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'

/** The way to take a policy away: the last thing on its page, and asked twice. */
export function DeletePolicy({ policy }: { readonly policy: PolicyView }) {
  const [asking, setAsking] = useState(false)
  const remove = useDeletePolicy()
  const navigate = useNavigate()
  if (!useMayAct()) return null
  return (
    <div className="no-print">
      <Button
        size="xs"
        variant="subtle"
        color="danger"
        leftSection={<Trash2 size={14} />}
        onClick={() => setAsking(true)}
      >
        Delete this policy…
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Delete ${policy.name}?`}
          words={[
            'It stops acting at once, and nothing acts in its place. Its versions are kept: the command line brings it back with `sallyport policy rollback`.',
          ]}
          confirm="Delete"
          danger
          pending={remove.isPending}
          error={remove.error}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            remove.mutate(
              { name: policy.name, version: policy.version },
              { onSuccess: () => navigate('/policies') },
            )
          }
        />
      )}
    </div>
  )
}
