const longest = 512

/** The program of a command line: its first word, without its arguments, which may hold secrets. */
export function programOf(commandLine: string | undefined): string | undefined {
  if (commandLine === undefined) return undefined
  const text = commandLine.trimStart()
  const end = text.search(/\s/)
  const program = (end < 0 ? text : text.slice(0, end)).slice(0, longest)
  return program === '' ? undefined : program
}

/** A path that a process touched, cut to 512 characters. */
export const pathOf = (path: string | undefined): string | undefined =>
  path === undefined || path === '' ? undefined : path.slice(0, longest)
