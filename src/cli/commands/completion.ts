import { Argument, type Command } from 'commander'
import { defineCommand } from '../command.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { completionPlaces } from '../completion/place.ts'
import { zshCompletion } from '../completion/zsh.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
type Shell = keyof typeof shells

export default defineCommand({
  id: 'completion',
  summary: 'completion of commands and options for a shell',
  examples: [
    'sallyport completion bash > ~/.local/share/bash-completion/completions/sallyport',
    'sallyport completion zsh > ~/.zfunc/_sallyport',
    'sallyport completion fish > ~/.config/fish/completions/sallyport.fish',
  ],
  define: (command, io) => {
    command
      .addArgument(new Argument('<shell>', 'which shell the script is for').choices(Object.keys(shells)))
      .action((shell: Shell) => io.out(shells[shell](completionPlaces(rootOf(command)))))
  },
})

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent))
