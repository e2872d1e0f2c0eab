import { Link } from 'react-router'
import { principalKind, principalName } from '../format/names.ts'
import { principalPath } from '../format/paths.ts'

/** A principal by name, leading to their page; the whole id is on hover. */
export function PrincipalLink({ id, kind = false }: { readonly id: string; readonly kind?: boolean }) {
  return (
    <Link to={principalPath(id)} className="principal-name" title={id}>
      {kind && principalKind(id) !== 'anonymous' && <span className="dim">{principalKind(id)} </span>}
      {principalName(id)}
    </Link>
  )
}
