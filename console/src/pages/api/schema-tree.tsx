import { useState } from 'react'
import type { EndpointDetailView } from '../../api/types.ts'
import { dataClassName } from '../../format/names.ts'
import { percent } from '../../format/number.ts'

type Node = NonNullable<EndpointDetailView['requestSchema']>

interface SchemaTreeProps {
  readonly name?: string
  readonly node: Node
  /** Of the object around it: how often that was seen, and whether this was always there. */
  readonly around?: number
  readonly required?: boolean
  readonly root?: boolean
  readonly depth?: number
}

/** One node and what is below it; deep ones open on demand. */
export function SchemaTree({
  name,
  node,
  around,
  required = false,
  root = false,
  depth = 0,
}: SchemaTreeProps) {
  const children = childrenOf(node)
  const [open, setOpen] = useState(depth < 3)
  const type = typeof node.type === 'string' ? node.type : node.type.join(' or ')
  return (
    <li>
      <div className="schema-line">
        {children.length > 0 && !root && (
          <button
            type="button"
            className="plain-button schema-toggle"
            aria-expanded={open}
            aria-label={open ? 'Fold' : 'Unfold'}
            onClick={() => setOpen(!open)}
          >
            {open ? '−' : '+'}
          </button>
        )}
        {name !== undefined && <span>{name}</span>}
        <span className="dim">
          {type}
          {node.format !== undefined && ` (${node.format})`}
        </span>
        {node.dataClass !== undefined && (
          <span className="chip" data-tone="warn">
            {dataClassName(node.dataClass)}
          </span>
        )}
        {node.enum !== undefined && (
          <span className="dim">
            one of {node.enum.slice(0, 8).map(String).join(', ')}
            {node.enum.length > 8 && ' …'}
          </span>
        )}
        {around !== undefined && !required && around > node.seen && (
          <span className="dim">in {percent(node.seen / around)}</span>
        )}
      </div>
      {children.length > 0 && open && (
        <ul>
          {children.map(([key, child, always]) => (
            <SchemaTree
              key={key}
              name={key}
              node={child}
              around={node.seen}
              required={always}
              depth={depth + 1}
            />
          ))}
        </ul>
      )}
    </li>
  )
}

function childrenOf(node: Node): readonly (readonly [string, Node, boolean])[] {
  const required = new Set(node.required ?? [])
  const properties = Object.entries(node.properties ?? {}).map(
    ([key, child]) => [key, child, required.has(key)] as const,
  )
  return node.items === undefined ? properties : [...properties, ['[ ]', node.items, true] as const]
}
