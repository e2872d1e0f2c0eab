import { ActionIcon } from '@mantine/core'
import { Pencil } from 'lucide-react'
import { useState } from 'react'
import type { Labels } from '../../../../src/catalog/ownership/labels.ts'
import {
  type LabelField,
  labelMissing,
  labelsOf,
  labelTitles,
  labelValue,
  labelWhy,
} from '../../format/labels.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { LabelForm } from './label-form.tsx'

interface LabelRowProps {
  readonly endpoint: string
  readonly field: LabelField
  readonly labels: Labels | undefined
}

/** One label, who says so, and the way to say it oneself. */
export function LabelRow({ endpoint, field, labels }: LabelRowProps) {
  const [editing, setEditing] = useState(false)
  const mayAct = useMayAct()
  const said = labelsOf(labels, field)
  return (
    <div className="label-row">
      <dt>{labelTitles[field]}</dt>
      <dd>
        {editing ? (
          <LabelForm endpoint={endpoint} field={field} said={said} onDone={() => setEditing(false)} />
        ) : (
          <>
            {said.length === 0 && <span className="dim">{labelMissing[field]}</span>}
            {said.map(label => (
              <span key={label.value} className="label-said">
                <b>{labelValue(field, label.value)}</b> <span className="dim">{labelWhy(label)}</span>
              </span>
            ))}
          </>
        )}
      </dd>
      {mayAct && !editing && (
        <ActionIcon
          className="label-edit no-print"
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Change: ${labelTitles[field]}`}
          onClick={() => setEditing(true)}
        >
          <Pencil size={13} aria-hidden="true" />
        </ActionIcon>
      )}
    </div>
  )
}
