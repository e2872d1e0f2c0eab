import { Link } from 'react-router'
import { endpointParts } from '../format/names.ts'
import { endpointPath } from '../format/paths.ts'

/** A template with its placeholders marked: they are where the identifiers of objects stand. */
export function Template({ template }: { readonly template: string }) {
  return template.split(/(\{[^{}/]*\})/).map((part, index) =>
    part.startsWith('{') ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one constant string.
      <span key={index} className="param">
        {part}
      </span>
    ) : (
      part
    ),
  )
}

export function EndpointLink({ id, host = false }: { readonly id: string; readonly host?: boolean }) {
  const parts = endpointParts(id)
  return (
    <Link to={endpointPath(id)} className="endpoint-name" title={id}>
      {parts.method !== '' && <span className="method">{parts.method} </span>}
      {host && <span className="dim">{parts.host}</span>}
      <Template template={parts.template} />
    </Link>
  )
}
