import type { PolicyProblem } from './document.ts'

/** A problem for a terminal: the sentence, and with the source the line it is in, a caret under the place. */
export function formatProblem(problem: PolicyProblem, source?: string): string {
  const head = `${problem.where}: ${problem.severity}: ${problem.message}`
  const lines = [head]
  const text = problem.line === undefined ? undefined : source?.split(/\r?\n/)[problem.line - 1]
  if (text !== undefined && problem.column !== undefined) {
    const number = String(problem.line)
    // Long lines are shown around the place only.
    const from = Math.max(0, problem.column - 80)
    lines.push(`  ${number} | ${text.slice(from, from + 120)}`)
    lines.push(`  ${' '.repeat(number.length)} | ${' '.repeat(Math.max(0, problem.column - 1 - from))}^`)
  }
  if (problem.mend !== undefined) lines.push(`  → ${problem.mend}`)
  return lines.join('\n')
}
