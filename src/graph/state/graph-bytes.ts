import { createHash } from 'node:crypto'
import { edgeKinds, edgeSources } from '../edge.ts'
import { usedDays } from '../uses/use-table.ts'
import type { GraphState } from './graph-state.ts'

/** Bytes that are no snapshot of a graph, or of one that this version does not know; the message says why. */
export class BrokenSnapshot extends Error {}

const magic = Buffer.from('SALLYPORT-GRAPH\n')
const version = 1
const digestLength = 32

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array
const columnTypes = { Uint8Array, Uint16Array, Uint32Array, Int32Array, Float64Array }
type ColumnType = keyof typeof columnTypes

interface Head {
  readonly version: number
  /** Names of what the columns number: later versions may only add to their ends. */
  readonly edgeKinds: readonly string[]
  readonly edgeSources: readonly string[]
  readonly usedDays: number
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly length: number }[]
  readonly ids: GraphState['nodes']['ids']
  readonly facts: readonly (GraphState['nodes']['facts'][number] | null)[]
  readonly texts: readonly string[]
  readonly uses: Omit<GraphState['uses'], 'counts' | 'refused'>
  /** What whoever kept it wants to know again. */
  readonly note: unknown
}

/**
 * A graph as bytes: a head line, the head as JSON with what is text, every column as it lies in memory (little-endian), and the SHA-256 of
 * all that.
 * @param note Kept along; anything that JSON can say.
 */
export function bytesOf(state: GraphState, note: unknown): Buffer {
  const { nodes, uses } = state
  const { rows, aliases, labels } = uses
  const columns = columnsOf(state)
  const head: Head = {
    version,
    edgeKinds,
    edgeSources,
    usedDays,
    columns: columns.map(([name, column]) => ({
      name,
      type: column.constructor.name as ColumnType,
      length: column.length,
    })),
    ids: nodes.ids,
    facts: nodes.facts.map(facts => facts ?? null),
    texts: state.texts,
    uses: { rows, aliases, labels },
    note,
  }
  const json = Buffer.from(JSON.stringify(head))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(json.length)
  const parts = [magic, size, json, ...columns.map(([, column]) => viewOf(column))]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return Buffer.concat([...parts, hash.digest()])
}

/** @throws BrokenSnapshot */
export function readBytes(bytes: Buffer): { readonly state: GraphState; readonly note: unknown } {
  const body = bytes.subarray(0, bytes.length - digestLength)
  if (bytes.length < magic.length + 4 + digestLength || !bytes.subarray(0, magic.length).equals(magic))
    throw new BrokenSnapshot('it is no snapshot of a graph')
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(body.length)))
    throw new BrokenSnapshot('its checksum does not match')
  const jsonLength = body.readUInt32LE(magic.length)
  const jsonAt = magic.length + 4
  const head = headIn(body.subarray(jsonAt, jsonAt + jsonLength))
  const columns = new Map<string, Column>()
  let at = jsonAt + jsonLength
  for (const { name, type, length } of head.columns) {
    const Kind = columnTypes[type]
    const size = length * Kind.BYTES_PER_ELEMENT
    if (at + size > body.length) throw new BrokenSnapshot('it ends too early')
    // Copied: a column begins at any byte here, and may not there.
    columns.set(name, new Kind(Uint8Array.prototype.slice.call(body, at, at + size).buffer))
    at += size
  }
  return { state: stateIn(head, columns), note: head.note }
}

function headIn(bytes: Buffer): Head {
  let head: Head
  try {
    head = JSON.parse(bytes.toString('utf8')) as Head
  } catch {
    throw new BrokenSnapshot('its head is not JSON')
  }
  if (head.version !== version) throw new BrokenSnapshot(`it is of version ${head.version}, not ${version}`)
  const known = (names: readonly string[], here: readonly string[]): boolean =>
    names.every((name, index) => here[index] === name)
  if (
    !known(head.edgeKinds, edgeKinds) ||
    !known(head.edgeSources, edgeSources) ||
    head.usedDays !== usedDays
  )
    throw new BrokenSnapshot('it is of a version that numbers kinds otherwise')
  return head
}

const columnsOf = ({
  nodes,
  edges,
  uses,
}: GraphState): readonly (readonly [name: string, column: Column])[] => [
  ['node.first', nodes.first],
  ['node.last', nodes.last],
  ['node.events', nodes.events],
  ['node.declared', nodes.declared],
  ...Object.entries(edges as unknown as Record<string, Column>).map(
    ([name, column]) => [`edge.${name}`, column] as const,
  ),
  ['use.counts', uses.counts],
  ['use.refused', uses.refused],
]

function stateIn(head: Head, columns: ReadonlyMap<string, Column>): GraphState {
  const take = <Kind extends Column>(
    name: string,
    Kind: abstract new (...args: never[]) => Kind,
    length: number,
  ): Kind => {
    const column = columns.get(name)
    if (!(column instanceof Kind) || column.length !== length)
      throw new BrokenSnapshot(`its column ${name} is not as it should be`)
    return column
  }
  const nodes = head.ids.length
  const edges = columns.get('edge.from')?.length ?? -1
  const rows = head.uses.rows.length * usedDays
  return {
    nodes: {
      ids: head.ids,
      facts: head.facts.map(facts => facts ?? undefined),
      first: take('node.first', Float64Array, nodes),
      last: take('node.last', Float64Array, nodes),
      events: take('node.events', Float64Array, nodes),
      declared: take('node.declared', Uint8Array, nodes),
    },
    edges: {
      from: take('edge.from', Int32Array, edges),
      to: take('edge.to', Int32Array, edges),
      kinds: take('edge.kinds', Uint8Array, edges),
      flags: take('edge.flags', Uint8Array, edges),
      count: take('edge.count', Float64Array, edges),
      bytes: take('edge.bytes', Float64Array, edges),
      rows: take('edge.rows', Float64Array, edges),
      refused: take('edge.refused', Float64Array, edges),
      first: take('edge.first', Float64Array, edges),
      last: take('edge.last', Float64Array, edges),
      sources: take('edge.sources', Uint16Array, edges),
      protocol: take('edge.protocol', Int32Array, edges),
      version: take('edge.version', Int32Array, edges),
      recentDays: take('edge.recentDays', Uint32Array, edges),
      earlierDays: take('edge.earlierDays', Uint32Array, edges),
    },
    texts: head.texts,
    uses: {
      ...head.uses,
      counts: take('use.counts', Uint32Array, rows),
      refused: take('use.refused', Uint32Array, rows),
    },
  }
}

const viewOf = (column: Column): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
