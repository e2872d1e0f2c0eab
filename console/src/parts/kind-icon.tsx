import { Box, Database, Earth, ExternalLink, FileLock, KeyRound, Plug, User } from 'lucide-react'
import type { NodeKind } from '../../../src/graph/node.ts'

const icons = {
  internet: Earth,
  principal: User,
  identity: KeyRound,
  workload: Box,
  endpoint: Plug,
  store: Database,
  data: FileLock,
  host: ExternalLink,
} as const satisfies Readonly<Record<NodeKind, unknown>>

/** The shape that stands for a kind of node; the word for it always stands beside. */
export function KindIcon({
  kind,
  size = 14,
  x,
  y,
}: {
  kind: NodeKind
  size?: number
  x?: number
  y?: number
}) {
  const Icon = icons[kind]
  return <Icon size={size} x={x} y={y} aria-hidden="true" />
}
