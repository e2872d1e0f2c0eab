import { stableHash } from '../kit/hash.ts'
import { version } from '../kit/version.ts'
import type { Analysis } from './analysis.ts'
import type { CountedState } from './counted-calls.ts'
import type { DataClassFile } from './data-class-file.ts'
import type { SpecSource } from './protocol.ts'
import { stateBytes } from './state-file.ts'

/** Name of the file in the data directory. */
export const stateFileName = 'analysis.state'

/** What analysis leaves for the next start. */
export interface KeptState {
  /** Of a state made under other conditions nothing is taken: shapes and classes may differ. */
  readonly conditions: string
  /** The specifications that traffic was compared with. */
  readonly specs: string
  readonly counted: CountedState
  readonly analysis: ReturnType<Analysis['save']>
}

/** The version of the product, and the data classes that are looked for. */
export const conditionsOf = (dataClasses: DataClassFile | undefined): string =>
  stableHash([version, JSON.stringify(dataClasses ?? null)])

export const specsOf = (specs: readonly SpecSource[]): string =>
  stableHash(specs.flatMap(({ name, source }) => [name, source]))

/** @param now Ms since the epoch. */
export function keptBytes(analysis: Analysis, conditions: string, specs: string, now: number): Buffer {
  const kept: KeptState = { conditions, specs, counted: analysis.counted(now), analysis: analysis.save() }
  return stateBytes(kept, analysis.externals())
}
