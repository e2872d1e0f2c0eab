import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { SallyportError } from '../kit/error.ts'
import { nearest } from '../kit/nearest.ts'
import { problemContentType, problemFrom } from '../kit/problem.ts'

/** Answers with problem details (RFC 9457); the cause stays behind. */
export function replyProblem(reply: FastifyReply, error: SallyportError): FastifyReply {
  if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="sallyport"')
  if (error.status === 429) reply.header('retry-after', '6')
  return (
    reply
      .status(error.status)
      .header('content-type', problemContentType)
      .header('cache-control', 'no-store')
      // As bytes: to text fastify adds a charset, which the media type has no parameter for.
      .send(Buffer.from(JSON.stringify(problemFrom(error))))
  )
}

/** What fastify or a handler threw, as the one error type. Only the framework's own 4xx keep their meaning. */
export function errorFrom(thrown: unknown): SallyportError {
  if (thrown instanceof SallyportError) return thrown
  const { statusCode, code } = thrown as { readonly statusCode?: unknown; readonly code?: unknown }
  if (statusCode === 413) {
    return new SallyportError('input/too-large', 'The request body is larger than 1 MiB.', {
      where: 'body',
      mend: 'Send less at once.',
      cause: thrown,
    })
  }
  if (statusCode === 415) {
    return new SallyportError('input/unknown-format', 'The request body is not JSON.', {
      where: 'content-type',
      mend: 'Send JSON with `content-type: application/json`.',
      cause: thrown,
    })
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 && typeof code === 'string') {
    return new SallyportError('request/malformed', 'The request cannot be read.', {
      mend: 'Check the address, the headers and that the body is whole JSON.',
      cause: thrown,
    })
  }
  return SallyportError.from(thrown)
}

/** Reads `value` by the schema, or refuses it naming the field and the mend (`usage/invalid-argument`). */
export function checked<Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  where: 'query' | 'path' | 'body',
): Value {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  const field = [where, ...(issue?.path ?? [])].join('.').slice(0, 200)
  if (issue?.code === 'unrecognized_keys') {
    const unknown = (issue.keys[0] ?? '').slice(0, 100)
    const known = 'shape' in schema ? Object.keys(schema.shape as object) : []
    const near = nearest(unknown, known)
    throw new SallyportError('usage/invalid-argument', `There is no ${where} field "${unknown}" here.`, {
      where: `${where}.${unknown}`,
      mend: near === undefined ? `Known are: ${known.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    })
  }
  throw new SallyportError('usage/invalid-argument', `The value of ${field} is not usable.`, {
    where: field,
    mend: `It ${mendOf(issue?.message ?? 'is missing')}`,
  })
}

const mendOf = (message: string): string => {
  const text = /^(must|is) /.test(message) ? message : `does not fit: ${message}`
  return text.endsWith('.') ? text : `${text}.`
}
