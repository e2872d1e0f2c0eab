import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const source = resolve(import.meta.dirname, '../../src')

/** A folder whose files each define entries of one list in its `index.ts`. */
export interface Registry {
  readonly name: string
  /** Below `src`. */
  readonly folder: string
  readonly entries: readonly object[]
  /** What tells an entry from the others. */
  idOf(entry: object): string
  /** True where the id of an entry is the name of its file. */
  readonly namedAfterId: boolean
  /** Entries one file may define. */
  readonly perFile: 'one' | 'several'
  /** Files of the folder that define no entry, each with the reason it is there. */
  readonly helpers: Readonly<Record<string, string>>
}

/** Files of the folder that stand for entries: neither tests nor the list itself. */
export function filesOf(registry: Registry): readonly string[] {
  return readdirSync(join(source, registry.folder))
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts')
    .map(name => name.slice(0, -'.ts'.length))
    .sort()
}

/** The registered entries that a file exports, under whatever name. */
export async function entriesIn(registry: Registry, file: string): Promise<readonly object[]> {
  const exported = (await import(join(source, registry.folder, `${file}.ts`))) as Record<string, unknown>
  const registered = new Set<unknown>(registry.entries)
  return [...new Set(Object.values(exported))].filter(value => registered.has(value)) as object[]
}
