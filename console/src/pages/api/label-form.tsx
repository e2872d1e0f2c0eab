import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import type { Labels } from '../../../../src/catalog/ownership/labels.ts'
import { type EndpointSaying, useSayOfEndpoint } from '../../api/catalog.ts'
import { useKnownLabels } from '../../api/endpoints.ts'
import {
  criticalities,
  type LabelField,
  labelTitles,
  labelUsual,
  labelValue,
  tagsFrom,
} from '../../format/labels.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'

interface LabelFormProps {
  readonly endpoint: string
  readonly field: LabelField
  readonly said: readonly Labels['criticality'][]
  readonly onDone: () => void
}

/** Says one thing of an endpoint, with a reason for whoever reads it later; or takes back what was said. */
export function LabelForm({ endpoint, field, said, onDone }: LabelFormProps) {
  const before = said.map(({ value }) => value).join(', ')
  const [value, setValue] = useState(before)
  const [reason, setReason] = useState('')
  const say = useSayOfEndpoint(endpoint)
  const byPerson = said.some(({ from }) => from === 'person')
  const put = (next: string | readonly string[] | null): void => {
    const why = reason.trim() === '' ? {} : { reason: reason.trim() }
    say.mutate({ [field]: next, ...why } as EndpointSaying, { onSuccess: onDone })
  }
  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    put(field === 'tags' ? tagsFrom(value) : value.trim())
  }
  return (
    <form
      className="label-form"
      onSubmit={submit}
      onKeyDown={event => {
        if (event.key === 'Escape') onDone()
      }}
    >
      <Value field={field} value={value} onChange={setValue} />
      <TextInput
        size="xs"
        aria-label="Reason"
        placeholder="Why, for the next reader (optional)"
        maxLength={400}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
      />
      <div className="row">
        <Button
          size="compact-xs"
          type="submit"
          loading={say.isPending}
          disabled={value.trim() === '' || (value === before && byPerson)}
        >
          Save
        </Button>
        {byPerson && (
          <Button size="compact-xs" variant="default" loading={say.isPending} onClick={() => put(null)}>
            Take back what was said
          </Button>
        )}
        <Button size="compact-xs" variant="subtle" onClick={onDone}>
          Cancel
        </Button>
      </div>
      {say.error !== null && <ProblemNote doing="Saving it" error={say.error} />}
    </form>
  )
}

interface ValueProps {
  readonly field: LabelField
  readonly value: string
  readonly onChange: (value: string) => void
}

/** One of a closed list, or a word of one's own with those that are in use offered. */
function Value({ field, value, onChange }: ValueProps) {
  const list = useId()
  const known = useKnownLabels(field)
  if (field === 'criticality')
    return (
      <NativeSelect
        size="xs"
        autoFocus
        aria-label={labelTitles[field]}
        data={criticalities.map(one => ({ value: one, label: labelValue(field, one) }))}
        value={value}
        onChange={event => onChange(event.currentTarget.value)}
      />
    )
  return (
    <>
      <TextInput
        size="xs"
        autoFocus
        aria-label={labelTitles[field]}
        placeholder={field === 'tags' ? 'tags, with commas between' : labelTitles[field]}
        list={list}
        maxLength={field === 'tags' ? 1000 : 80}
        value={value}
        onChange={event => onChange(event.currentTarget.value)}
      />
      <datalist id={list}>
        {[...new Set([...known, ...labelUsual[field]])].map(one => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  )
}
