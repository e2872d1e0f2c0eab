import { type ErrorCode, errorCodes, SallyportError } from '../kit/error.ts'

export interface ApiClientOptions {
  /** Origin of the server, e.g. `http://127.0.0.1:4600`. */
  readonly url: string
  readonly token: string
  /** Milliseconds until a request without an answer is given up; 60,000 when absent. */
  readonly timeoutMs?: number
}

type Query = URLSearchParams | Readonly<Record<string, string>>
type RequestHeaders = Readonly<Record<string, string>>

const base = '/api/v1'

/**
 * The REST API for programs, under a bearer token. Paths are those of `api.ts`, without `/api/v1`. Every method rejects
 * with a `SallyportError`: the server's own where it answered with problem details, `server/unreachable` where it did not.
 */
export class ApiClient {
  readonly #url: string
  readonly #token: string
  readonly #timeoutMs: number

  constructor(options: ApiClientOptions) {
    if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol)) {
      throw new SallyportError('usage/invalid-argument', 'The server address is not an http(s) URL.', {
        where: options.url,
        mend: 'Write it as http://127.0.0.1:4600.',
      })
    }
    this.#url = options.url.replace(/\/$/, '')
    this.#token = options.token
    this.#timeoutMs = options.timeoutMs ?? 60_000
  }

  get<Answer>(path: string, query?: Query): Promise<Answer> {
    return this.#send<Answer>('GET', withQuery(path, query))
  }

  /** As `get`, but undefined where the server has no such thing. */
  async find<Answer>(path: string, query?: Query): Promise<Answer | undefined> {
    try {
      return await this.get<Answer>(path, query)
    } catch (thrown) {
      if (thrown instanceof SallyportError && thrown.code === 'resource/not-found') return undefined
      throw thrown
    }
  }

  post<Answer>(path: string, body: unknown = {}, headers: RequestHeaders = {}): Promise<Answer> {
    return this.#send<Answer>('POST', path, body, headers)
  }

  put<Answer>(path: string, body: unknown, headers: RequestHeaders = {}): Promise<Answer> {
    return this.#send<Answer>('PUT', path, body, headers)
  }

  patch<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.#send<Answer>('PATCH', path, body)
  }

  delete<Answer = void>(path: string, headers: RequestHeaders = {}): Promise<Answer> {
    return this.#send<Answer>('DELETE', path, undefined, headers)
  }

  async #send<Answer>(
    method: string,
    path: string,
    body?: unknown,
    headers: RequestHeaders = {},
  ): Promise<Answer> {
    let response: Response
    let text: string
    try {
      response = await fetch(this.#url + base + path, {
        method,
        headers: {
          ...headers,
          accept: 'application/json',
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would carry the token elsewhere; the API answers with none.
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      text = await response.text()
    } catch (cause) {
      throw new SallyportError('server/unreachable', 'Sallyport does not answer.', {
        where: this.#url,
        mend: 'Start it with `sallyport up`, or name the running one with --url.',
        cause,
      })
    }
    const answer = parsed(text)
    if (!response.ok) throw errorOf(response.status, answer, this.#url)
    if (answer === undefined && text !== '') throw notSallyport(this.#url, response.status)
    return answer as Answer
  }
}

function withQuery(path: string, query: Query | undefined): string {
  const text = query === undefined ? '' : new URLSearchParams(query).toString()
  return text === '' ? path : `${path}?${text}`
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const notSallyport = (where: string, status: number): SallyportError =>
  new SallyportError('server/unreachable', `What answers there is not Sallyport (status ${status}).`, {
    where,
    mend: 'Check the address given with --url.',
  })

/** The server's error as it was thrown there, so that its exit code is the same here. */
function errorOf(status: number, answer: unknown, url: string): SallyportError {
  const code = isRecord(answer) ? codeOf(answer.type) : undefined
  if (code === undefined || !isRecord(answer)) return notSallyport(url, status)
  const where = textOf(answer.where)
  const mend = textOf(answer.mend)
  return new SallyportError(code, textOf(answer.title) ?? `The server answered with status ${status}.`, {
    ...(where === undefined ? {} : { where }),
    ...(mend === undefined ? {} : { mend }),
  })
}

function codeOf(type: unknown): ErrorCode | undefined {
  const match = /^urn:sallyport:error:([a-z]+):([a-z-]+)$/.exec(textOf(type) ?? '')
  const code = match === null ? '' : `${match[1]}/${match[2]}`
  return code in errorCodes ? (code as ErrorCode) : undefined
}
