import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import {
  type EndpointFilter,
  type EndpointResult,
  type Facet,
  facets,
  toggled,
} from '../../format/endpoint-filter.ts'
import { facetLabel, facetMeaning, facetTitles } from '../../format/facet-names.ts'
import { count } from '../../format/number.ts'

interface FacetsProps {
  readonly counts: EndpointResult['counts']
  readonly chosen: EndpointFilter['chosen']
  readonly onChange: (chosen: EndpointFilter['chosen']) => void
}

const few = 6
/** Beyond these the search is the better way. */
const most = 200

export function Facets({ counts, chosen, onChange }: FacetsProps) {
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const number = Object.values(chosen).reduce((sum, values) => sum + values.length, 0)
  const clear =
    number === 0 ? null : (
      <button type="button" className="plain-button facets-clear" onClick={() => onChange({})}>
        Clear {number === 1 ? 'the choice' : `${number} choices`}
      </button>
    )
  const groups = facets.map(facet => (
    <FacetGroup
      key={facet}
      facet={facet}
      values={counts[facet]}
      wanted={chosen[facet]}
      onToggle={value => onChange(toggled(chosen, facet, value))}
    />
  ))
  if (!narrow)
    return (
      <div className="facets">
        {clear}
        {groups}
      </div>
    )
  return (
    <details className="facets">
      <summary>Narrow down{number > 0 && ` (${number} chosen)`}</summary>
      {clear}
      {groups}
    </details>
  )
}

interface FacetGroupProps {
  readonly facet: Facet
  readonly values: readonly (readonly [string, number])[]
  readonly wanted: readonly string[] | undefined
  readonly onToggle: (value: string) => void
}

function FacetGroup({ facet, values, wanted = [], onToggle }: FacetGroupProps) {
  const [all, setAll] = useState(false)
  // What is chosen stays in view, whatever else is typed.
  const missing = wanted.filter(value => values.every(([known]) => known !== value))
  const listed = [...missing.map(value => [value, 0] as const), ...values]
  if (listed.length < 2 && wanted.length === 0) return null
  const shown = listed.slice(0, all ? most : few)
  const rest = listed.length - shown.length
  return (
    <fieldset className="facet">
      <legend>{facetTitles[facet]}</legend>
      {shown.map(([value, number]) => (
        <button
          key={value}
          type="button"
          aria-pressed={wanted.includes(value)}
          title={facetMeaning(facet, value)}
          onClick={() => onToggle(value)}
        >
          <span>{facetLabel(facet, value)}</span>
          <span className="dim">{count(number)}</span>
        </button>
      ))}
      {rest > 0 &&
        (all ? (
          <span className="dim">and {count(rest)} more: search for them</span>
        ) : (
          <button type="button" className="facet-more" onClick={() => setAll(true)}>
            {count(rest)} more
          </button>
        ))}
    </fieldset>
  )
}
