import type { Argument, Command, Option } from 'commander'
import { commandLine, examplesOf } from '../../src/cli/command-line.ts'
import type { Io } from '../../src/cli/io.ts'
import { block, code, page, prose, table } from './markdown.ts'

/** An environment with nothing in it, so that defaults are the program's own. */
const quietIo: Io = {
  environment: {},
  colour: false,
  width: 120,
  out: () => undefined,
  say: () => undefined,
  stopped: new AbortController().signal,
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`

/** Commander's own usage has `[options]` first; the name of the whole path goes before it. */
const usage = (command: Command): string => `${pathOf(command)} ${command.usage()}`.trimEnd()

function optionRow(option: Option): string[] {
  const choices = option.argChoices === undefined ? '' : option.argChoices.map(code).join(' ')
  const fallback = option.defaultValue === undefined ? '' : code(String(option.defaultValue))
  return [code(option.flags), prose(option.description), choices, option.mandatory ? 'required' : fallback]
}

const argumentRow = (argument: Argument): string[] => [
  code(argument.variadic ? `${argument.name()}…` : argument.name()),
  prose(argument.description),
  argument.argChoices === undefined ? '' : argument.argChoices.map(code).join(' '),
  argument.required ? 'required' : '',
]

/** Summaries stand in lists of the help; on their own they are sentences. */
const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`

function describe(command: Command, level: string): string {
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)]
  const examples = examplesOf(command)
  return [
    `${level} ${code(pathOf(command))}`,
    sentence(prose(command.description())),
    block('text', usage(command)),
    ...(rows.length === 0 ? [] : [table(['argument or option', 'what it is', 'one of', 'default'], rows)]),
    ...(examples.length === 0 ? [] : [block('sh', examples.join('\n'))]),
    ...command.commands.map(child => describe(child, `${level}#`)),
  ].join('\n\n')
}

/** `cli.md`: every command and subcommand with its options and command lines that work. */
export function cliPage(): string {
  const program = commandLine(quietIo)
  return page(
    'Command line',
    '`src/cli/commands`',
    `Words for people go to standard error, data to standard output: ${code('--format json')} or ${code('yaml')} can be piped. Colour is used on terminals only,
and never with ${code('NO_COLOR')}. Commands that ask a running Sallyport take ${code('--url')} (or ${code('SALLYPORT_URL')}) and ${code('SALLYPORT_TOKEN')}.`,
    `Exit codes: 0 fine, 1 findings at or above ${code('--fail-on')} or failed policy tests, 2 wrong usage or input, 3 cannot reach or not permitted
([errors](errors.md)).`,
    table(
      ['command', 'does'],
      program.commands.map(command => [
        `[${code(command.name())}](#sallyport-${command.name()})`,
        prose(command.description()),
      ]),
    ),
    ...program.commands.map(command => describe(command, '##')),
  )
}
