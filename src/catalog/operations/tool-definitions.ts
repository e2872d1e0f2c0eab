import type { ToolDefinition } from '../../call/protocols/operation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId, EndpointId } from '../../kit/id.ts'
import { keptWhole } from '../../kit/snapshot.ts'

/** A tool that is told differently than before. */
export interface ToolChange {
  /** The endpoint that lists it. */
  readonly endpoint: EndpointId
  readonly tool: string
  /** Hash of the definition before and now; `before` is absent for a tool that joined a list known already. */
  readonly before?: string
  readonly after: string
  /** What of it changed, where that is known. */
  readonly changed?: 'description' | 'input schema' | 'description and input schema'
  readonly time: number
  readonly call: CallId
}

export interface KnownTool extends ToolDefinition {
  readonly firstSeen: number
  readonly lastSeen: number
  /** How often its definition changed. */
  readonly changes: number
}

export interface ToolDefinitionsOptions {
  /** Servers remembered; the longest unused is forgotten with its tools. */
  readonly servers: number
  /** Tools of one server; further ones are counted and not told apart. */
  readonly tools: number
  /** Changes kept to be read, the latest. */
  readonly changes: number
}

export const defaultToolDefinitionsOptions: ToolDefinitionsOptions = {
  servers: 1_000,
  tools: 512,
  changes: 1_000,
}

/** Which tools each MCP server offers, by the hash of name, description and input schema. Bounded. */
export class ToolDefinitions {
  private readonly options: ToolDefinitionsOptions
  private readonly _servers: BoundedMap<string, Map<string, KnownTool>>
  private readonly _changes: ToolChange[] = []
  /** Tools that found no room. */
  skipped = 0

  constructor(options: Partial<ToolDefinitionsOptions> = {}) {
    this.options = { ...defaultToolDefinitionsOptions, ...options }
    this._servers = new BoundedMap(this.options.servers)
  }

  /**
   * Takes in what a server listed. The first list of a server is what it is known by from then on; pages of a long list add to it.
   *
   * @returns What differs from before: changed definitions, and tools that joined after the server was known for an hour.
   */
  observe(
    endpoint: EndpointId,
    definitions: readonly ToolDefinition[],
    time: number,
    call: CallId,
  ): readonly ToolChange[] {
    const tools = this._servers.ensure(endpoint, () => new Map<string, KnownTool>())
    const since = firstSeenOf(tools, time)
    const changes: ToolChange[] = []
    for (const definition of definitions) {
      const { name, hash } = definition
      const known = tools.get(name)
      if (known === undefined) {
        if (tools.size >= this.options.tools) {
          this.skipped += 1
          continue
        }
        tools.set(name, { ...definition, firstSeen: time, lastSeen: time, changes: 0 })
        if (time - since >= settled) changes.push({ endpoint, tool: name, after: hash, time, call })
        continue
      }
      if (known.hash === hash) {
        tools.set(name, { ...known, lastSeen: Math.max(known.lastSeen, time) })
        continue
      }
      tools.set(name, { ...known, ...definition, lastSeen: time, changes: known.changes + 1 })
      const changed = changedIn(known, definition)
      changes.push({
        endpoint,
        tool: name,
        before: known.hash,
        after: hash,
        ...(changed === undefined ? {} : { changed }),
        time,
        call,
      })
    }
    this._changes.push(...changes)
    const over = this._changes.length - this.options.changes
    if (over > 0) this._changes.splice(0, over)
    return changes
  }

  /** The latest changes, oldest first. */
  changes(): readonly ToolChange[] {
    return [...this._changes]
  }

  merged(from: EndpointId, to: EndpointId): void {
    const tools = this._servers.peek(from)
    if (tools === undefined || from === to) return
    this._servers.delete(from)
    if (!this._servers.has(to)) this._servers.set(to, tools)
  }

  static {
    keptWhole(ToolDefinitions, 'catalog/tool-definitions', 1)
  }
}

function changedIn(before: ToolDefinition, after: ToolDefinition): ToolChange['changed'] {
  if (before.description === undefined || after.description === undefined) return undefined
  const words = before.description !== after.description
  const schema = before.schema !== after.schema
  if (words && schema) return 'description and input schema'
  return words ? 'description' : schema ? 'input schema' : undefined
}

/** A server that was first seen this long ago is known with all its pages. */
const settled = 3_600_000

function firstSeenOf(tools: ReadonlyMap<string, KnownTool>, time: number): number {
  let first = time
  for (const { firstSeen } of tools.values()) if (firstSeen < first) first = firstSeen
  return first
}
