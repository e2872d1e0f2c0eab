import { Command, CommanderError } from 'commander'
import { SallyportError } from '../kit/error.ts'
import { version } from '../kit/version.ts'
import { ExitWith } from './command.ts'
import { commands } from './commands/index.ts'
import type { Io } from './io.ts'
import { terminalText } from './terminal-text.ts'

/**
 * Runs one command line.
 * @returns The exit code of the contract: 0 fine, 1 findings at or above `--fail-on`, 2 wrong usage, 3 cannot reach.
 */
export async function runCommandLine(given: readonly string[], io: Io): Promise<number> {
  try {
    await commandLine(io).parseAsync([...given], { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof ExitWith) return thrown.code
    // Commander has printed its own sentence; help and version end with 0.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    const error = SallyportError.from(thrown)
    io.say(`sallyport: ${error.toDisplayString().split('\n').map(terminalText).join('\n')}`)
    if (error.code === 'internal/defect')
      io.say(error.cause instanceof Error ? (error.cause.stack ?? '') : String(error.cause))
    return error.exitCode
  }
}

/** The whole tree of commands; also what the reference and the completion are made from. */
export function commandLine(io: Io): Command {
  const program = new Command('sallyport')
    .description('Runtime API security that a team runs itself.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureOutput({
      writeOut: text => io.out(text),
      writeErr: text => io.say(text.trimEnd()),
      getOutHasColors: () => io.colour,
      getErrHasColors: () => io.colour,
    })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nStart here:\n  $ sallyport demo\n  $ sallyport up --upstream http://127.0.0.1:3000\n',
    )
  for (const definition of commands) {
    const command = program.command(definition.id).description(definition.summary)
    definition.define(command, io)
    illustrate(command, definition.examples)
    inherit(command)
  }
  return program
}

const examples = new WeakMap<Command, readonly string[]>()

/** The command lines that show how a command of the tree is used. */
export const examplesOf = (command: Command): readonly string[] => examples.get(command) ?? []

/** Gives a command its examples, and each subcommand those of them that are its own. */
function illustrate(command: Command, given: readonly string[]): void {
  examples.set(command, given)
  const lines = given.map(example => `  $ ${example}`).join('\n')
  command.addHelpText('after', `\nExamples:\n${lines}\n`)
  for (const child of command.commands) {
    const path = ` ${command.name()} ${child.name()}`
    const own = given.filter(example => `${example} `.includes(`${path} `))
    illustrate(child as Command, own)
  }
}

/** Subcommands end like the program does: by throwing, never by leaving the process. */
function inherit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inherit(child as Command)
  }
}
