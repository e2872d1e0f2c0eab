import { verdictAnswer } from '../gateway/problem-answer.ts'
import type { AmendVerdict, RefusalVerdict } from '../guard.ts'
import type { Dialect } from './dialect.ts'
import { answerable } from './header-answer.ts'

/** An answer to a proxy. */
export interface AuthAnswer {
  readonly status: number
  /** name, value … */
  readonly headers: readonly string[]
  readonly body?: Buffer
}

const none: AuthAnswer = Object.freeze({ status: 204, headers: Object.freeze([]) })

/** It may pass: 204, with the headers that the proxy is to copy onto the request. */
export function passAnswer(amend: AmendVerdict | undefined): AuthAnswer {
  if (amend === undefined) return none
  const headers = answerable(amend.headers).flat()
  return { status: 204, headers: [...headers, 'x-sallyport-decision', amend.decisionId] }
}

/**
 * It may not. A proxy that gives the answer on is given what the client should see. One that knows 401 and 403 alone is told the rest in
 * headers: status, sentence, decision, and the whole problem as ASCII JSON.
 */
export function refusalOf(verdict: RefusalVerdict, dialect: Dialect): AuthAnswer {
  const answer = verdictAnswer({ ...verdict, headers: answerable(verdict.headers) })
  const decision = verdict.cloaked === true ? [] : ['x-sallyport-decision', verdict.decisionId]
  if (dialect.relays) return { ...answer, headers: [...answer.headers, ...decision] }
  const headers = [...decision, 'x-sallyport-status', String(answer.status)]
  const problem = answer.body.toString('utf8')
  headers.push('x-sallyport-problem', ascii(problem))
  for (let index = 0; index < answer.headers.length; index += 2) {
    const name = answer.headers[index]!.toLowerCase()
    const value = answer.headers[index + 1]!
    if (name === 'retry-after') headers.push('x-sallyport-retry-after', value)
    else if (!standard.has(name)) headers.push(name, value)
  }
  return { status: answer.status === 401 ? 401 : 403, headers }
}

const standard = new Set(['content-type', 'content-length', 'cache-control'])

/** The same JSON, fit for a header. */
export const ascii = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
