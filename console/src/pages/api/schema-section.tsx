import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { EndpointDetailView } from '../../api/types.ts'
import { count } from '../../format/number.ts'
import { Section } from '../../parts/section.tsx'
import { SchemaTree } from './schema-tree.tsx'

/** The shape of what goes in and comes out, as it was seen. */
export function SchemaSection({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  const shapes = [
    ...(endpoint.requestSchema === undefined
      ? []
      : [{ value: 'request', label: 'Request', schema: endpoint.requestSchema }]),
    ...Object.entries(endpoint.responseSchemas).map(([status, schema]) => ({
      value: status,
      label: `Response ${status}`,
      schema,
    })),
  ]
  const [chosen, setChosen] = useState(shapes[0]?.value ?? '')
  const shape = shapes.find(({ value }) => value === chosen)
  return (
    <Section title="Shape" note={shape && `Learned from ${count(shape.schema.seen)} bodies.`}>
      {shape === undefined ? (
        <p className="dim">No structured body was seen: nothing to learn a shape from.</p>
      ) : (
        <>
          {shapes.length > 1 && (
            <div>
              <SegmentedControl
                size="xs"
                aria-label="Which body"
                data={shapes.map(({ value, label }) => ({ value, label }))}
                value={chosen}
                onChange={setChosen}
              />
            </div>
          )}
          <ul className="schema-tree mono">
            <SchemaTree node={shape.schema} root />
          </ul>
        </>
      )}
    </Section>
  )
}
