import { Select } from '@mantine/core'
import { useState } from 'react'
import type { NodeKind } from '../../../../src/graph/node.ts'
import { useGraphNodes } from '../../api/graph.ts'
import { kindNames, nodeKinds, nodeName, nodeParts, nodePlace } from '../../format/graph-names.ts'
import { capital } from '../../format/names.ts'

interface NodePickerProps {
  readonly label: string
  readonly value: string
  readonly onChange: (id: string) => void
  /** Selectors such as `data:*` are offered too. */
  readonly any?: readonly NodeKind[]
}

/** One node of the graph, searched for on the server. */
export function NodePicker({ label, value, onChange, any = [] }: NodePickerProps) {
  const [typed, setTyped] = useState('')
  const found = useGraphNodes(typed === nodeLabel(value) ? '' : typed.trim())
  const ids = new Set([
    ...(value === '' ? [] : [value]),
    'internet',
    ...any.map(kind => `${kind}:*`),
    ...(found.data?.items ?? []).map(({ id }) => id),
  ])
  const groups = nodeKinds
    .map(kind => ({
      group: capital(kindNames(kind)),
      items: [...ids]
        .filter(id => nodeParts(id).kind === kind)
        .map(id => ({ value: id, label: nodeLabel(id) })),
    }))
    .filter(({ items }) => items.length > 0)
  return (
    <Select
      label={label}
      data={groups}
      value={value === '' ? null : value}
      onChange={id => id !== null && onChange(id)}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      allowDeselect={false}
      maxDropdownHeight={320}
      nothingFoundMessage={found.isFetching ? 'Searching…' : 'Nothing is called that.'}
      filter={({ options, search }) => {
        const wanted = search.trim().toLowerCase()
        if (wanted === '' || search === nodeLabel(value)) return options
        return options
          .map(option =>
            'group' in option
              ? {
                  ...option,
                  items: option.items.filter(one =>
                    `${one.label} ${one.value}`.toLowerCase().includes(wanted),
                  ),
                }
              : option,
          )
          .filter(option => !('group' in option) || option.items.length > 0)
      }}
    />
  )
}

/** Two endpoints of one path at different hosts are told apart. */
function nodeLabel(id: string): string {
  const { kind } = nodeParts(id)
  const name = nodeName(id)
  return (kind === 'endpoint' || kind === 'store') && !id.endsWith(':*') ? `${name} · ${nodePlace(id)}` : name
}
