import { Button, CopyButton, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { TokenView } from '../../../../src/server/api/token.ts'
import { useCreateToken } from '../../api/control.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

type Role = TokenView['role']

const roles: { value: Role; label: string }[] = [
  { value: 'viewer', label: 'viewer: reads' },
  { value: 'analyst', label: 'analyst: acts on incidents and policies' },
  { value: 'admin', label: 'admin: everything' },
]

export function NewToken() {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const create = useCreateToken()
  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    create.mutate({ name: name.trim(), role }, { onSuccess: () => setName('') })
  }
  const made = create.data?.token
  return (
    <>
      <form className="row" style={{ alignItems: 'flex-end' }} onSubmit={submit}>
        <TextInput
          label="Name"
          placeholder="what uses it"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Role"
          data={roles}
          value={role}
          onChange={event => setRole(event.currentTarget.value as Role)}
        />
        <Button type="submit" variant="default" loading={create.isPending} disabled={name.trim() === ''}>
          Make a token
        </Button>
      </form>
      {create.error !== null && <ProblemNote doing="Making the token" error={create.error} />}
      {made !== undefined && (
        <div className="empty" role="status">
          <p>
            <b>This is shown once.</b> Keep it where secrets are kept.
          </p>
          <code>{made}</code>
          <CopyButton value={made}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </div>
      )}
    </>
  )
}
