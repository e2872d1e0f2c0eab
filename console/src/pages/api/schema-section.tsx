import { useState } from 'react'
import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { schemaBasis } from '../../format/schema-notes.ts'
import { shapesOf } from '../../format/shapes.ts'
import { Choice } from '../../parts/choice.tsx'
import { Section } from '../../parts/section.tsx'
import { ParameterTable } from './parameter-table.tsx'
import { SchemaTree } from './schema-tree.tsx'

/** The shape of what goes in and comes out, as it was seen. */
export function SchemaSection({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  const shapes = shapesOf(endpoint)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const shape = shapes.find(({ key }) => key === chosen) ?? shapes[0]
  const optional = shape?.key.startsWith('request ') === true && endpoint.messages?.requestRequired === false
  return (
    <Section
      title="Shape"
      note={
        shape?.schema &&
        `${schemaBasis(shape.schema)}${optional ? ' Some requests came without a body.' : ''}`
      }
    >
      {shape === undefined ? (
        <p className="dim">No parameter and no structured body was seen: nothing to learn a shape from.</p>
      ) : (
        <>
          <Choice
            label="Which part of a call"
            options={shapes.map(({ key, label }) => ({ value: key, label }))}
            value={shape.key}
            onChange={setChosen}
          />
          {shape.parameters !== undefined && <ParameterTable parameters={shape.parameters} />}
          {shape.instead !== undefined && <p className="dim">{shape.instead}</p>}
          {shape.schema !== undefined && (
            <ul className="schema-tree mono" key={shape.key}>
              <SchemaTree node={shape.schema} root />
            </ul>
          )}
        </>
      )}
    </Section>
  )
}
