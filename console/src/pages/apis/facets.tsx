import { useMediaQuery } from '@mantine/hooks'
import { type EndpointFilter, type EndpointResult, type Facet, facets } from '../../format/endpoint-filter.ts'
import { inventoryMeaning } from '../../format/inventory.ts'
import { dataClassName } from '../../format/names.ts'
import { count } from '../../format/number.ts'

interface FacetsProps {
  readonly result: EndpointResult
  readonly filter: EndpointFilter
  readonly onChange: (filter: EndpointFilter) => void
}

const titles: Readonly<Record<Facet, string>> = {
  inventory: 'Known as',
  exposure: 'Exposure',
  auth: 'Authentication',
  dataClass: 'Data',
  method: 'Method',
  host: 'Host',
}

const shown = 8

export function Facets({ result, filter, onChange }: FacetsProps) {
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const chosen = Object.keys(filter.chosen).length
  const groups = facets.map(facet => (
    <FacetGroup key={facet} facet={facet} values={result.counts[facet]} filter={filter} onChange={onChange} />
  ))
  if (!narrow) return <div className="facets">{groups}</div>
  return (
    <details className="facets">
      <summary>Narrow down{chosen > 0 && ` (${chosen} chosen)`}</summary>
      {groups}
    </details>
  )
}

interface FacetGroupProps extends Omit<FacetsProps, 'result'> {
  readonly facet: Facet
  readonly values: readonly (readonly [string, number])[]
}

function FacetGroup({ facet, values, filter, onChange }: FacetGroupProps) {
  const wanted = filter.chosen[facet]
  if (values.length < 2 && wanted === undefined) return null
  const toggle = (value: string): void => {
    const { [facet]: _old, ...others } = filter.chosen
    onChange({ ...filter, chosen: wanted === value ? others : { ...others, [facet]: value } })
  }
  return (
    <fieldset className="facet">
      <legend>{titles[facet]}</legend>
      {values.slice(0, shown).map(([value, number]) => (
        <button
          key={value}
          type="button"
          aria-pressed={wanted === value}
          title={meaningOf(facet, value)}
          onClick={() => toggle(value)}
        >
          <span>{labelOf(facet, value)}</span>
          <span className="dim">{count(number)}</span>
        </button>
      ))}
      {values.length > shown && <span className="dim">and {values.length - shown} more</span>}
    </fieldset>
  )
}

const labelOf = (facet: Facet, value: string): string =>
  facet === 'dataClass' ? dataClassName(value) : facet === 'auth' ? value.replaceAll('-', ' ') : value

const meaningOf = (facet: Facet, value: string): string =>
  facet === 'inventory' ? (inventoryMeaning[value as keyof typeof inventoryMeaning] ?? value) : value
