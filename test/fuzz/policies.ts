import { CelEngine } from '../../src/policy/cel-engine.ts'
import { compilePolicies } from '../../src/policy/compile.ts'
import type { ExpressionType } from '../../src/policy/expression.ts'
import { factFields } from '../../src/policy/fact-fields.ts'
import { buildFacts } from '../../src/policy/facts-builder.ts'
import { formatProblem } from '../../src/policy/format-problem.ts'
import { lintPolicies } from '../../src/policy/lint.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import { type FuzzTarget, numbers, type Pick, plain } from './fuzz-target.ts'

/**
 * Policies and expressions as nobody should write them: the ready-made ones cut, spliced, repeated and nested, and expressions put together
 * from the words of the language. Whatever comes, nothing is thrown and nothing takes long; every problem has a place within the text; what
 * compiles can be asked, and asking throws nothing. The same seed gives the same texts.
 */

const documents = policyTemplates.map(template => template.render())
const pieces = [
  '\n',
  '---\n',
  '  ',
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '&a ',
  '*a',
  '!!binary ',
  '|\n',
  '>-\n',
  '"',
  "'",
  '\0',
  '\u{1F512}',
  '\ud800',
  '<<: *a',
  '? ',
  '%YAML 1.2\n',
  '0x1F',
  '.inf',
  '2026-13-45',
  'null',
  'mode: enforce\n',
  'canary: { percent: 1e999 }\n',
  'expiresAt: 99999-01-01\n',
]
const facts = [
  ...Object.entries(factFields).flatMap(([root, fields]) => [
    root,
    ...Object.keys(fields).map(field => `${root}.${field}`),
  ]),
  'flow',
]
const words = [
  ...facts,
  ...' && |  || | == | != | < | in | ? | : | + | - | * | / | % | ! | ( | ) | [ | ] | , | { | } | . '.split(
    ' | ',
  ),
  '"a"',
  "'POST /cart'",
  'r"\\d"',
  'b"x"',
  '1.0',
  '-1',
  '18446744073709551616',
  '1e400',
  'true',
  'null',
  'x',
  '.exists(x, ',
  '.all(x, ',
  '.map(x, ',
  '.filter(x, ',
  '.size()',
  '.matches("(a+)+$")',
  '.matches("^[a-z]+$")',
  '.startsWith("a")',
  'size(',
  'has(',
  'inCidr(source.ip, "10.0.0.0/8")',
  'flow.done("POST /cart")',
  'flow.secondsSince(',
  'timestamp("x")',
  'duration("1h")',
  'double(',
  '?:',
  '?.',
  '\n',
  '//',
  '__proto__',
  'constructor',
]

const engine = new CelEngine()
const given = buildFacts(
  { request: { body: { items: [{ sku: 'a' }] } }, identity: { name: 'alice' } },
  { host: 'h', method: 'GET', path: '/a' },
)
const all = new Set([...Object.keys(factFields), 'flow'])
const bound = engine.bind(given, all)
/** Milliseconds of this thread's own CPU time that one text may take: how busy the machine is says nothing of it. */
const longest = 2_000

/** One text of a policy and one expression of each type; throws where a law does not hold. */
function fuzzOnce(seed: number): void {
  const pick = numbers(seed)
  const begun = process.threadCpuUsage()
  judgeDocument(mangled(pick))
  judgeExpression(expressionOf(pick), (['bool', 'string', 'double'] as const)[pick(3)]!)
  const { user, system } = process.threadCpuUsage(begun)
  const took = (user + system) / 1_000
  if (took > longest) throw new Error(`it took ${Math.round(took)} ms`)
}

function mangled(pick: Pick): string {
  let text = documents[pick(documents.length)]!
  for (let left = 1 + pick(5); left > 0; left -= 1) {
    const at = pick(text.length + 1)
    const to = Math.min(text.length, at + pick(40))
    switch (pick(7)) {
      case 0:
        text = text.slice(0, at) + text.slice(to)
        break
      case 1:
        text = text.slice(0, at) + pieces[pick(pieces.length)]! + text.slice(at)
        break
      case 2:
        text = text.slice(0, at) + text.slice(at, to).repeat(1 + pick(50)) + text.slice(to)
        break
      case 3:
        text = `${text}---\n${documents[pick(documents.length)]!}`
        break
      case 4:
        text = text.replace(/when: [^\n]+/, () => `when: ${JSON.stringify(expressionOf(pick))}`)
        break
      case 5:
        text = text.slice(0, at) + '[{'.repeat(pick(400)) + text.slice(at)
        break
      default:
        text = text.slice(0, at) + String.fromCharCode(pick(0x3000)) + text.slice(at)
    }
  }
  return text.slice(0, 200_000)
}

function expressionOf(pick: Pick): string {
  if (pick(20) === 0) return `${'('.repeat(pick(3_000))}true`
  if (pick(20) === 0)
    return Array.from({ length: 1 + pick(400) }, () => facts[pick(facts.length)]).join(' == ')
  return Array.from({ length: 1 + pick(24) }, () => words[pick(words.length)]).join(pick(2) === 0 ? '' : ' ')
}

function judgeDocument(source: string): void {
  const sources = [{ name: 'fuzz', source, version: 1 }]
  const { bundle, problems } = compilePolicies(sources, { now: 0 })
  const lines = source.split('\n').length
  for (const problem of [...problems, ...lintPolicies(sources, { now: 0 })]) {
    if (problem.line !== undefined && (problem.line < 1 || problem.line > lines + 1))
      throw new Error(`line ${problem.line} of ${lines}: ${problem.message}`)
    if (formatProblem(problem, source) === '') throw new Error('a problem without words')
  }
  bundle.needs('h', 'GET', '/a')
  for (const phase of ['request', 'response'] as const) bundle.evaluate(phase, given)
}

function judgeExpression(text: string, type: ExpressionType): void {
  const result = engine.compile(text, type)
  if ('fault' in result) {
    const { offset } = result.fault
    if (!(offset >= 0 && offset <= text.length)) throw new Error(`offset ${offset} of ${text.length}`)
    return
  }
  try {
    result.expression.evaluate(bound)
  } catch {
    // A fault of evaluation: onError decides.
  }
}

export const policies: FuzzTarget = plain(
  'policies',
  'nothing is thrown, nothing takes long, every problem has a place, what compiles can be asked',
  500,
  fuzzOnce,
)
