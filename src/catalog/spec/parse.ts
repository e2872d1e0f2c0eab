import type { RawSource, TextFormatDefinition } from './format.ts'
import { formats, textFormats } from './formats/index.ts'
import { decodeSource, defaultSourceLimits, readSource, type SourceLimits } from './source.ts'
import type { Specification, SpecProblem } from './specification.ts'
import { pointerOf } from './tree.ts'

/** Problems told of one document; a document with more has one of them say so. */
const maxProblems = 100

/**
 * Reads one specification of any known format.
 *
 * @param source text or bytes (also gzip); never fetched from anywhere, nor is anything it refers to.
 * @param file the name that problems carry.
 * @returns the specification unless a problem is an error. Never throws on any input.
 */
export function parseSpecification(
  source: string | Uint8Array,
  file: string,
  limits?: SourceLimits,
): { readonly specification?: Specification; readonly problems: readonly SpecProblem[] } {
  const raw = decodeSource(source, limits ?? defaultSourceLimits)
  if ('fault' in raw) return { problems: [{ severity: 'error', file, message: raw.fault }] }
  const text = textFormats.find(one => one.recognises(raw))
  if (text !== undefined) return readText(text, raw, file)
  const { tree, problems, locate } = readSource(raw.text ?? '', file, limits)
  if (tree === undefined) return { problems }
  const found: SpecProblem[] = []
  const problem = (severity: SpecProblem['severity'], path: readonly string[], message: string): void => {
    if (found.length >= maxProblems) return
    const pointer = pointerOf(...path)
    found.push({ severity, file, message, ...locate(path), ...(pointer === '' ? {} : { pointer }) })
  }
  const format = formats.find(one => one.recognises(tree))
  if (format === undefined) {
    problem(
      'error',
      [],
      `No known format: expected ${[...formats, ...textFormats].map(one => one.title).join(', ')}.`,
    )
    return { problems: found }
  }
  const specification = format.read({ tree, file, locate, problem })
  return specification === undefined || found.some(one => one.severity === 'error')
    ? { problems: found }
    : { specification, problems: found }
}

function readText(
  format: TextFormatDefinition,
  raw: RawSource,
  file: string,
): { readonly specification?: Specification; readonly problems: readonly SpecProblem[] } {
  const problems: SpecProblem[] = []
  const specification = format.read(raw, {
    file,
    tell: (severity, message, at) => {
      if (problems.length < maxProblems) problems.push({ severity, file, message, ...at })
    },
  })
  return specification === undefined || problems.some(one => one.severity === 'error')
    ? { problems }
    : { specification, problems }
}
