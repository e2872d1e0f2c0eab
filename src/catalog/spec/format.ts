import type { Source } from './source.ts'
import type { Specification, SpecProblem } from './specification.ts'
import type { Tree } from './tree.ts'

/** What a format reads from and says its problems to. */
export interface FormatInput {
  readonly tree: Tree
  readonly file: string
  readonly locate: Source['locate']
  problem(severity: SpecProblem['severity'], path: readonly string[], message: string): void
}

/** One format of specification. Adding one is a file here and a line in `formats/index.ts`. */
export interface SpecFormatDefinition {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  /** True for documents of this format; looks at few fields. */
  readonly recognises: (tree: Tree) => boolean
  /** Undefined only after an error was told. */
  readonly read: (input: FormatInput) => Specification | undefined
  /** A whole small document, run by the registry's test. */
  readonly example: string
}

/** A document that is neither JSON nor YAML: its text, or its bytes where it is none. */
export interface RawSource {
  readonly text?: string
  readonly bytes?: Uint8Array
}

/** What a format of text or bytes says its problems to. */
export interface RawInput {
  readonly file: string
  tell(
    severity: SpecProblem['severity'],
    message: string,
    at?: { readonly line: number; readonly column: number },
  ): void
}

/** One format that is neither JSON nor YAML. Registered beside the others. */
export interface TextFormatDefinition {
  readonly id: string
  readonly title: string
  /** Looks at the beginning only. */
  readonly recognises: (source: RawSource) => boolean
  readonly read: (source: RawSource, input: RawInput) => Specification | undefined
  readonly example: string
}

export const defineTextFormat = (definition: TextFormatDefinition): TextFormatDefinition => definition

export const defineSpecFormat = (definition: SpecFormatDefinition): SpecFormatDefinition => definition

/** Operations read of one document; what comes after is left out with a warning. */
export const maxOperations = 20_000

export const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const
