import type { EndpointDetailView } from '../../api/types.ts'
import { count } from '../../format/number.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { Section } from '../../parts/section.tsx'

/** Which field carries which class of data, and how many values that rests on. */
export function DataSection({ fields }: { readonly fields: EndpointDetailView['fields'] }) {
  return (
    <Section title="Data it carries">
      {fields.length === 0 ? (
        <p className="dim">
          No field carries data of a class that is known: no names, addresses, cards, secrets …
        </p>
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th>Field</th>
              <th>Class</th>
              <th>In the</th>
              <th className="num">Values seen</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(field => (
              <tr key={`${field.side} ${field.field} ${field.dataClass}`}>
                <td data-label="Field" className="mono">
                  {field.field}
                </td>
                <td data-label="Class">
                  <DataClasses classes={[field.dataClass]} />
                </td>
                <td data-label="In the">{field.side}</td>
                <td data-label="Values seen" className="num">
                  {count(field.values)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
