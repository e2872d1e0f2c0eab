import { readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parseSpecification } from '../catalog/spec/parse.ts'
import { defaultSourceLimits } from '../catalog/spec/source.ts'
import { formatSpecProblem, type Specification } from '../catalog/spec/specification.ts'
import { SallyportError } from '../kit/error.ts'
import type { Io } from './io.ts'
import { terminalText } from './terminal-text.ts'

/** The bytes of a specification file; refused before reading where it is too large. */
export function readSpecificationFile(file: string): Uint8Array {
  try {
    if (statSync(file).size > defaultSourceLimits.json)
      throw new SallyportError('input/too-large', 'The specification is larger than 64 MB.', {
        where: file,
        mend: 'Split it into several; any number can be given.',
      })
    const bytes = readFileSync(file)
    return bytes[0] === 0x1f && bytes[1] === 0x8b
      ? gunzipSync(bytes, { maxOutputLength: defaultSourceLimits.json })
      : bytes
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError(
      'input/unreadable',
      'The specification cannot be read, or inflates to more than 64 MB.',
      {
        where: file,
        mend: 'Check the path.',
        cause,
      },
    )
  }
}

/** Reads specifications and says their problems; the first error ends it. */
export function readSpecifications(files: readonly string[], io: Io): readonly Specification[] {
  return files.map(file => {
    const { specification, problems } = parseSpecification(readSpecificationFile(file), file)
    for (const problem of problems)
      if (problem.severity === 'warning') io.say(terminalText(formatSpecProblem(problem)))
    if (specification !== undefined) return specification
    const error = problems.find(problem => problem.severity === 'error')
    throw new SallyportError('input/unreadable', terminalText(error?.message ?? 'Not a specification.'), {
      where:
        error?.line === undefined
          ? `${file}${error?.pointer === undefined ? '' : `#${error.pointer}`}`
          : `${file}:${error.line}:${error.column ?? 1}`,
      mend: 'Give an OpenAPI document, a Postman collection, a GraphQL schema or a protobuf descriptor set.',
    })
  })
}
