import type { EdgeKind, GraphEdge } from './edge.ts'
import type { GraphNode } from './node.ts'
import type { GraphPath } from './paths.ts'

/** What one does to the next: where it did, and where it only may. */
const verbs: Readonly<Record<EdgeKind, readonly [did: string, may: string]>> = {
  calls: ['calls', 'may call'],
  serves: ['is served by', 'may be served by'],
  reads: ['reads', 'may read'],
  writes: ['writes to', 'may write to'],
  carries: ['carries', 'may carry'],
  'runs-as': ['runs as', 'may run as'],
  assumes: ['takes on', 'may take on'],
  may: ['uses its grant on', 'is granted'],
  exposes: ['reaches', 'is let in to'],
}

const nameOf = ({ kind, name }: GraphNode): string =>
  kind === 'internet' ? 'the internet' : kind === 'data' ? `${name} data` : name

const verbOf = ({ kind, did }: GraphEdge): string => verbs[kind][did ? 0 : 1]

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

/** Every attempt was refused. */
const refusedOnly = ({ did, count, refused }: GraphEdge): boolean => did && count > 0 && refused >= count

/**
 * A path in plain words, the way first, then what is known of it: how often its rarest step was seen and when it was last possible to go
 * it whole, or which steps are only granted.
 */
export function pathSentence({ nodes, edges }: Omit<GraphPath, 'did'>): string {
  const way = nodes
    .map((node, index) => {
      const edge = edges[index - 1]
      return edge === undefined
        ? nameOf(node)
        : `${index > 1 ? ', which' : ''} ${verbOf(edge)} ${nameOf(node)}`
    })
    .join('')
  // A name stays as it is written.
  return `${way.replace(/^the internet/, 'The internet')}. ${evidenceOf(edges)}`
}

function evidenceOf(edges: readonly GraphEdge[]): string {
  const granted = edges.filter(edge => !edge.did).length
  const refused = edges.filter(refusedOnly).length
  const words: string[] = []
  if (granted === edges.length) words.push('None of it was ever seen: it is only granted.')
  else if (granted > 0)
    words.push(`${granted} of ${edges.length} steps ${granted === 1 ? 'is' : 'are'} only granted.`)
  if (refused > 0)
    words.push(
      `${refused === edges.length ? 'Each step' : `${refused} of ${edges.length} steps`} was always refused.`,
    )
  if (granted === 0) {
    const rarest = Math.min(...edges.map(edge => edge.count))
    const last = Math.min(...edges.map(edge => edge.lastSeen))
    words.push(
      `${edges.length === 1 ? 'It' : 'Every step'} was seen${edges.length === 1 ? ` ${times(rarest)}` : `, the rarest ${times(rarest)}`}, last on ${new Date(last).toISOString().slice(0, 10)}.`,
    )
  }
  return words.join(' ')
}
