import { problemOf, unreachable } from './problem.ts'

const base = '/api/v1'

export interface Sending {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Makes a query string of what is set; a list repeats its key. */
export function queryString(
  params: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue
    if (typeof value === 'object') for (const one of value) search.append(key, one)
    else search.set(key, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

/** One request to the REST API under the session cookie. Rejects with an `ApiProblem`, or with the abort of `signal`. */
export async function send<Answer>(method: string, path: string, sending: Sending = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...sending.headers }
  if (sending.body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(base + path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(sending.body === undefined ? {} : { body: JSON.stringify(sending.body) }),
      ...(sending.signal === undefined ? {} : { signal: sending.signal }),
    })
  } catch (thrown) {
    if (sending.signal?.aborted) throw thrown
    throw unreachable()
  }
  const text = await response.text()
  const answer = text === '' ? undefined : parse(text)
  if (!response.ok) throw problemOf(response.status, answer)
  return answer as Answer
}

export const get = <Answer>(path: string, signal?: AbortSignal): Promise<Answer> =>
  send<Answer>('GET', path, signal === undefined ? {} : { signal })

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
