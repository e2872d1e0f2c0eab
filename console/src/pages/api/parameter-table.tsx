import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { schemaNotes, typeText } from '../../format/schema-notes.ts'
import { DataClasses } from '../../parts/data-classes.tsx'

type Parameters = NonNullable<EndpointDetailView['messages']>['parameters']

export function ParameterTable({ parameters }: { readonly parameters: Parameters }) {
  return (
    <table className="table cards">
      <thead>
        <tr>
          <th>Parameter</th>
          <th>In the</th>
          <th>Type</th>
          <th>Required</th>
          <th>Data</th>
          <th>What else is known</th>
        </tr>
      </thead>
      <tbody>
        {parameters.map(({ in: place, name, required, schema }) => (
          <tr key={`${place} ${name}`}>
            <td data-label="Parameter" className="mono">
              {name}
            </td>
            <td data-label="In the">{place}</td>
            <td data-label="Type" className="mono dim">
              {typeText(schema)}
            </td>
            <td data-label="Required">{required ? 'always' : <span className="dim">sometimes</span>}</td>
            <td data-label="Data">
              {schema.dataClass === undefined ? (
                <span className="dim">–</span>
              ) : (
                <DataClasses classes={[schema.dataClass]} />
              )}
            </td>
            <td data-label="Known" className="dim">
              {schemaNotes(schema).join('; ') || '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
