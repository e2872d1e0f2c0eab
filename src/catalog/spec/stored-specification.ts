import { parseSpecification } from './parse.ts'
import type { Specification } from './specification.ts'

/** A specification as the state store keeps it, under the setting `specs`. */
export interface StoredSpecification {
  /** Another document of the same name replaces it. */
  readonly name: string
  /** As given. */
  readonly source: string
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
  readonly updatedBy: string
}

export const specsSetting = 'specs'
/** Documents kept, and characters of all of them together; more is refused. */
export const maxStored = 200
export const maxStoredLength = 64 << 20

/** The documents in a setting's text; none where there is none. */
export function readStored(text: string | undefined): readonly StoredSpecification[] {
  return text === undefined ? [] : (JSON.parse(text) as readonly StoredSpecification[])
}

/** Those that can be read, in order; what was kept was readable when it came. */
export function parseStored(
  stored: readonly { readonly name: string; readonly source: string }[],
): readonly Specification[] {
  return stored.flatMap(({ name, source }) => parseSpecification(source, name).specification ?? [])
}
