import type { EndpointDetailView } from '../../../../src/server/api/endpoint.ts'
import { dataGroupName } from '../../format/data-groups.ts'
import { fieldPlace, shareText } from '../../format/data-map.ts'
import { count } from '../../format/number.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { Section } from '../../parts/section.tsx'

/** Which field carries which class of data, how often, and on how many values that rests. */
export function DataSection({ endpoint }: { readonly endpoint: EndpointDetailView }) {
  const { dataMap } = endpoint
  return (
    <Section title="Data it carries">
      {dataMap.length === 0 ? (
        <p className="dim">
          No field carries data of a class that is known: no names, addresses, cards, secrets …
        </p>
      ) : (
        <table className="table cards data-map">
          <thead>
            <tr>
              <th>Field</th>
              <th>Class</th>
              <th>Kind</th>
              <th>Where</th>
              <th>Looks like</th>
              <th className="num">Values seen</th>
            </tr>
          </thead>
          <tbody>
            {dataMap.map(field => {
              const { place, name } = fieldPlace(field.field)
              const share = shareText(endpoint, field)
              return (
                <tr key={`${field.side} ${field.field} ${field.dataClass}`}>
                  <td data-label="Field" className="mono">
                    {name}
                  </td>
                  <td data-label="Class">
                    <DataClasses classes={[field.dataClass]} />
                  </td>
                  <td data-label="Kind">{dataGroupName(field.group)}</td>
                  <td data-label="Where">
                    <span>
                      {field.side}
                      {place !== undefined && <span className="dim"> {place}</span>}
                    </span>
                  </td>
                  <td data-label="Looks like" className="mono">
                    {field.sample ?? <span className="dim">never shown</span>}
                  </td>
                  <td data-label="Values seen" className="num">
                    <span>
                      {count(field.values)}
                      {share !== '' && <span className="dim data-share">{share}</span>}
                    </span>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Section>
  )
}
