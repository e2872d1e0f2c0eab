import type { Problem } from '../../../src/kit/problem.ts'

/** What the API refused or failed at, as a person can read it. `status` 0 means that no answer came at all. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly where: string | undefined
  readonly mend: string | undefined

  constructor(
    status: number,
    message: string,
    detail: { where?: string | undefined; mend?: string | undefined } = {},
  ) {
    super(message)
    this.status = status
    this.where = detail.where
    this.mend = detail.mend
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Reads problem details (RFC 9457) where there are some, and makes a sentence of the status where there are none. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const problem: Partial<Record<keyof Problem, unknown>> = isRecord(body) ? body : {}
  // What fails inside fails for everybody, and its reason is where the server writes.
  const usual =
    status >= 500 ? 'Try again in a moment. If it stays, look at what the server itself prints.' : undefined
  const title = text(problem.title) ?? `The server answered with status ${status}.`
  return new ApiProblem(status, title, {
    where: text(problem.where) ?? text(problem.detail),
    mend: text(problem.mend) ?? usual,
  })
}

export const unreachable = (): ApiProblem =>
  new ApiProblem(0, 'The Sallyport server cannot be reached.', {
    mend: 'See whether it is still running, then try again.',
  })
