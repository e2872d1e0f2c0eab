import { useState } from 'react'
import { graveClasses } from '../../format/grave-classes.ts'
import { dataClassName } from '../../format/names.ts'
import {
  presence,
  type SchemaNode,
  schemaChildren,
  schemaNotes,
  typeText,
} from '../../format/schema-notes.ts'

interface SchemaTreeProps {
  readonly name?: string
  readonly node: SchemaNode
  /** Of the object around it: how often that was seen. */
  readonly around?: number
  readonly required?: boolean
  readonly root?: boolean
  readonly depth?: number
}

/** Levels that are open at first. */
const openLevels = 3

/** One node and what is below it; deep ones open on demand. */
export function SchemaTree({
  name,
  node,
  around,
  required = false,
  root = false,
  depth = 0,
}: SchemaTreeProps) {
  const children = schemaChildren(node)
  const [open, setOpen] = useState(depth < openLevels)
  const isMember = name === '[ ]' || name === '{any key}'
  return (
    <li>
      <div className="schema-line">
        {children.length > 0 && !root && (
          <button
            type="button"
            className="plain-button schema-toggle"
            aria-expanded={open}
            aria-label={`${open ? 'Fold' : 'Unfold'} ${name ?? 'the body'}`}
            onClick={() => setOpen(!open)}
          >
            {open ? '−' : '+'}
          </button>
        )}
        {name !== undefined && <span className={isMember ? 'dim' : undefined}>{name}</span>}
        <span className="dim">{typeText(node)}</span>
        {node.dataClass !== undefined && (
          <span className="chip" data-tone={graveClasses.has(node.dataClass) ? 'warn' : undefined}>
            {dataClassName(node.dataClass)}
          </span>
        )}
        {around !== undefined && !isMember && (
          <span className={required ? 'schema-always' : 'dim'}>{presence(node, around, required)}</span>
        )}
        {schemaNotes(node).map(note => (
          <span key={note} className="dim schema-note">
            {note}
          </span>
        ))}
      </div>
      {children.length > 0 && open && (
        <ul>
          {children.map(child => (
            <SchemaTree
              key={child.name}
              name={child.name}
              node={child.node}
              around={node.seen}
              required={child.required}
              depth={depth + 1}
            />
          ))}
        </ul>
      )}
    </li>
  )
}
