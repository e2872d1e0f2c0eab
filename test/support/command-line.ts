import { runCommandLine } from '../../src/cli/command-line.ts'
import type { Io } from '../../src/cli/io.ts'

/** What a command line printed: `out` on stdout, `said` on stderr. */
export interface Told {
  readonly code: number
  readonly out: string
  readonly said: string
}

/** Runs a command line to its end in this process, as a terminal of `width` columns without colour shows it. */
export async function runHere(
  line: readonly string[],
  { width = 200, environment = {} }: { width?: number; environment?: Io['environment'] } = {},
): Promise<Told> {
  let out = ''
  let said = ''
  const code = await runCommandLine(line, {
    environment,
    colour: false,
    width,
    out: text => {
      out += text
    },
    say: text => {
      said += `${text}\n`
    },
    stopped: new AbortController().signal,
  })
  return { code, out, said }
}
