import type { CompletionOption, CompletionPlace, CompletionValue } from './place.ts'
import { quote } from './quote.ts'

const functionOf = (path: readonly string[]): string => ['_sallyport', ...path].join('_').replaceAll('-', '_')

/** Brackets and colons end a part of a specification of `_arguments`. */
const inSpec = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&')

const action = ({ kind, choices }: CompletionValue): string => {
  if (kind === 'choice') return `(${choices.join(' ')})`
  if (kind === 'file') return '_files'
  return kind === 'folder' ? '_files -/' : ' '
}

const optionSpecs = ({ names, summary, value }: CompletionOption): string[] =>
  names.map(name => {
    const others = names.length > 1 ? `(${names.join(' ')})` : ''
    const argument = value === undefined ? '' : `:${inSpec(value.name)}:${action(value)}`
    return quote(`${others}${name}[${inSpec(summary)}]${argument}`)
  })

function leaf(place: CompletionPlace): string {
  const positional = place.arguments.map((argument, index) =>
    quote(`${argument.variadic ? '*' : index + 1}:${inSpec(argument.name)}:${action(argument)}`),
  )
  const specs = [...place.options.flatMap(optionSpecs), ...positional]
  return `${functionOf(place.path)}() {\n  _arguments -s \\\n    ${specs.join(' \\\n    ')}\n}`
}

function branch(place: CompletionPlace, known: ReadonlySet<string>): string {
  const described = place.commands.map(({ name, summary }) => quote(`${name}:${inSpec(summary)}`))
  const cases = place.commands
    .map(({ name }) => ({ name, next: functionOf([...place.path, name]) }))
    .filter(({ next }) => known.has(next))
  return `${functionOf(place.path)}() {
  local context state line
  local -a commands
  commands=(
    ${described.join('\n    ')}
  )
  _arguments -s -C \\
    ${place.options.flatMap(optionSpecs).join(' \\\n    ')} \\
    '1:command:->command' \\
    '*::argument:->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $line[1] in
${cases.map(({ name, next }) => `        ${name}) ${next} ;;`).join('\n')}
      esac ;;
  esac
}`
}

/** Completion for zsh: a file on `fpath`, or sourced after `compinit`. */
export function zshCompletion(places: readonly CompletionPlace[]): string {
  const known = new Set(places.map(({ path }) => functionOf(path)))
  const functions = places.map(place => (place.commands.length > 0 ? branch(place, known) : leaf(place)))
  return `#compdef sallyport
# zsh completion for sallyport. Load it with: source <(sallyport completion zsh)

${functions.join('\n\n')}

if [[ \${funcstack[1]} == _sallyport ]]; then
  _sallyport "$@"
else
  compdef _sallyport sallyport
fi
`
}
