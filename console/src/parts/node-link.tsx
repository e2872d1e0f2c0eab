import { Link } from 'react-router'
import { nodeName, nodePath } from '../format/graph-names.ts'

/** A node of the graph by name, leading to where more of it is told. */
export function NodeLink({ id }: { readonly id: string }) {
  return (
    <Link to={nodePath(id)} className="node-link" title={id}>
      {nodeName(id)}
    </Link>
  )
}
