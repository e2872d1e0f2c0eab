import type { Argument, Command, Option } from 'commander'

/** What may stand where a value is expected. */
export type ValueKind = 'choice' | 'file' | 'folder' | 'text'

export interface CompletionValue {
  readonly name: string
  readonly kind: ValueKind
  readonly choices: readonly string[]
}

export interface CompletionOption {
  /** As typed: `-h`, `--help`. */
  readonly names: readonly string[]
  readonly summary: string
  /** Absent for a flag. */
  readonly value?: CompletionValue
}

/** One command of the tree with what may follow it. */
export interface CompletionPlace {
  /** Names from below the program down: `['apis', 'list']`; empty for the program itself. */
  readonly path: readonly string[]
  readonly commands: readonly { readonly name: string; readonly summary: string }[]
  readonly options: readonly CompletionOption[]
  readonly arguments: readonly (CompletionValue & { readonly variadic: boolean })[]
}

/** Every command of the tree, parents first. */
export function completionPlaces(program: Command): readonly CompletionPlace[] {
  const walk = (command: Command, path: readonly string[]): CompletionPlace[] => [
    placeOf(command, path),
    ...command.commands.flatMap(child => walk(child as Command, [...path, child.name()])),
  ]
  return walk(program, [])
}

function placeOf(command: Command, path: readonly string[]): CompletionPlace {
  const help = command.createHelp()
  return {
    path,
    commands: help
      .visibleCommands(command)
      .map(child => ({ name: child.name(), summary: child.description() })),
    options: help.visibleOptions(command).map(optionOf),
    arguments: command.registeredArguments.map(argument => ({
      ...takes(argument.name(), argument.argChoices),
      variadic: argument.variadic,
    })),
  }
}

function optionOf(option: Option): CompletionOption {
  const names = [option.short, option.long].filter(name => name !== undefined)
  const summary = option.description
  if (!option.required && !option.optional) return { names, summary }
  const placeholder = /[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? option.attributeName()
  return { names, summary, value: takes(placeholder, option.argChoices) }
}

/** `<file>`, `<files...>` and `<folder>` are what they are called. */
function takes(name: string, choices: Argument['argChoices']): CompletionValue {
  const kind =
    choices !== undefined ? 'choice' : /^files?$/.test(name) ? 'file' : name === 'folder' ? name : 'text'
  return { name, kind, choices: choices ?? [] }
}
