import type { CompletionOption, CompletionPlace, CompletionValue } from './place.ts'
import { quoteFish } from './quote.ts'

const keyOf = (path: readonly string[]): string => path.map(name => ` ${name}`).join('')

/** `-x`: a value and no files; `-r`: a value that is a path. */
function valueFlags(value: CompletionValue | undefined): string {
  if (value === undefined) return '-f'
  if (value.kind === 'choice') return `-x -a ${quoteFish(value.choices.join(' '))}`
  if (value.kind === 'folder') return `-x -a '(__fish_complete_directories)'`
  return value.kind === 'file' ? '-r -F' : '-x'
}

const nameFlags = ({ names }: CompletionOption): string =>
  names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')

function lines(place: CompletionPlace): string[] {
  const at = `complete -c sallyport -n ${quoteFish(`__sallyport_at ${quoteFish(keyOf(place.path))}`)}`
  const [argument] = place.arguments
  const files = argument?.kind === 'file' ? '-F' : '-f'
  return [
    argument?.kind === 'choice' ? `${at} -f -a ${quoteFish(argument.choices.join(' '))}` : `${at} ${files}`,
    ...place.commands.map(({ name, summary }) => `${at} -f -a ${quoteFish(name)} -d ${quoteFish(summary)}`),
    ...place.options.map(
      option => `${at} ${nameFlags(option)} ${valueFlags(option.value)} -d ${quoteFish(option.summary)}`,
    ),
  ]
}

/** Completion for fish 3 and later. */
export function fishCompletion(places: readonly CompletionPlace[]): string {
  const commands = places.filter(({ path }) => path.length > 0).map(({ path }) => quoteFish(keyOf(path)))
  return `# fish completion for sallyport. Load it with: sallyport completion fish | source

function __sallyport_at --description 'Is this the command that is being completed?'
    set -l words (commandline -opc)
    set -e words[1]
    set -l path ''
    for word in $words
        switch "$path $word"
            case ${commands.join(' ')}
                set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end

${places.flatMap(lines).join('\n')}
`
}
