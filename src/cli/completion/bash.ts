import type { CompletionPlace, CompletionValue } from './place.ts'
import { quote } from './quote.ts'

/** A path as the script keeps it: each name after a space, nothing for the program itself. */
const keyOf = (path: readonly string[]): string => path.map(name => ` ${name}`).join('')

const offer = (value: CompletionValue): string => {
  if (value.kind === 'choice') return `_sallyport_offer ${quote(value.choices.join(' '))}`
  if (value.kind === 'file') return '_sallyport_paths -f'
  return value.kind === 'folder' ? '_sallyport_paths -d' : ':'
}

/** Options that take a value, by place, and what to offer for it. */
function valueCases(places: readonly CompletionPlace[]): string[] {
  return places.flatMap(place =>
    place.options.flatMap(({ names, value }) =>
      value === undefined
        ? []
        : [
            `    ${names.map(name => quote(`${keyOf(place.path)} ${name}`)).join('|')}) ${offer(value)}; return ;;`,
          ],
    ),
  )
}

function placeCase(place: CompletionPlace): string {
  const options = place.options.flatMap(({ names }) => names).join(' ')
  const [argument] = place.arguments
  const rest =
    place.commands.length > 0
      ? `_sallyport_offer ${quote(place.commands.map(({ name }) => name).join(' '))}`
      : argument === undefined
        ? `_sallyport_offer ${quote(options)}`
        : offer(argument)
  return `    ${quote(keyOf(place.path))})\n      if [[ $cur == -* ]]; then _sallyport_offer ${quote(options)}; else ${rest}; fi ;;`
}

/** Completion for bash 3.2 and later. Nothing but what the script holds is run while completing. */
export function bashCompletion(places: readonly CompletionPlace[]): string {
  const commands = places.filter(({ path }) => path.length > 0).map(({ path }) => quote(keyOf(path)))
  const valued = places.flatMap(place =>
    place.options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ names }) => names.map(name => quote(`${keyOf(place.path)} ${name}`))),
  )
  return `# bash completion for sallyport. Load it with: source <(sallyport completion bash)

_sallyport_offer() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_sallyport_paths() {
  local found
  compopt -o filenames 2>/dev/null
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen "$1" -- "$cur")
}

_sallyport() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' i
  COMPREPLY=()
  # "--name=value" comes as three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
    ${valued.join('|')})
      [[ \${COMP_WORDS[i + 1]} == = ]] && ((i++))
      ((i++)) ;;
    ${commands.join('|')})
      path+=" \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $prev" in
${valueCases(places).join('\n')}
  esac
  case "$path" in
${places.map(placeCase).join('\n')}
  esac
}

complete -F _sallyport sallyport
`
}
