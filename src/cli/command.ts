import type { Command } from 'commander'
import type { Io } from './io.ts'

/** One command of the command line, with its subcommands. One file each; the list is `commands/index.ts`. */
export interface CommandDefinition {
  /** Equals the file name. */
  readonly id: string
  readonly summary: string
  /** Command lines that work as they stand, printed by `--help`. */
  readonly examples: readonly string[]
  /** Adds arguments, options, subcommands and actions. What an action throws becomes the exit code. */
  readonly define: (command: Command, io: Io) => void
}

export const defineCommand = (definition: CommandDefinition): CommandDefinition => definition

/** Thrown by an action that did its work and wants another exit code than 0; prints nothing. */
export class ExitWith extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}
