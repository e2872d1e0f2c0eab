import type { SallyportError } from './error.ts'

/** RFC 9457 problem details. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly where?: string
  readonly mend?: string
  readonly decisionId?: string
}

export const problemContentType = 'application/problem+json'

/** The public half of an error as problem details; the cause stays behind. */
export function problemFrom(error: SallyportError): Problem {
  return {
    type: `urn:sallyport:error:${error.code.replace('/', ':')}`,
    title: error.message,
    status: error.status,
    ...(error.where === undefined ? {} : { where: error.where }),
    ...(error.mend === undefined ? {} : { mend: error.mend }),
  }
}
