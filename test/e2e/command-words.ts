/** An example command line as the shell would hand it over: without assignments before it and redirections after it. */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = []
  for (const [, double, single, plain] of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
    const quoted = double ?? single
    if (quoted === undefined && plain !== undefined && /^(?:[|;&]|\d?>|<)/.test(plain)) break
    words.push(quoted ?? plain ?? '')
  }
  const first = words.findIndex(word => !/^[A-Z_]+=/.test(word))
  return words.slice(first)
}
