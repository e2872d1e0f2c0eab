import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { SallyportError } from '../../kit/error.ts'
import type { KubernetesOptions } from './kubernetes-options.ts'

/** An answer that is no object: the server's status, or none where it did not answer. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly status: number | undefined

  constructor(status: number | undefined, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads from an API server; it has no way to change anything there. */
export class ApiClient {
  readonly server: string
  readonly #config: KubeConfig
  readonly #answerMs: number

  private constructor(config: KubeConfig, server: string, answerMs: number) {
    this.#config = config
    this.server = server
    this.#answerMs = answerMs
  }

  /** @throws SallyportError `config/invalid` where no kubeconfig can be read or it names no server */
  static async load(options: KubernetesOptions): Promise<ApiClient> {
    // The client library takes seconds and tens of megabytes to load: only where a cluster is asked for.
    const { KubeConfig } = await import('@kubernetes/client-node')
    const config = new KubeConfig()
    try {
      if (options.kubeconfig === undefined) config.loadFromDefault()
      else config.loadFromFile(options.kubeconfig)
      if (options.context !== undefined) config.setCurrentContext(options.context)
    } catch (cause) {
      throw unusable(options, 'The kubeconfig cannot be read.', cause)
    }
    const server = config.getCurrentCluster()?.server
    if (server === undefined || !URL.canParse(server))
      throw unusable(options, 'The kubeconfig names no API server.')
    return new ApiClient(config, server.replace(/\/$/, ''), options.answerMs)
  }

  /**
   * Opens an answer. @param path With its query. @param quietMs Ms without a byte after which it is given up.
   * @throws ApiFailure for every other status than 200, and where the server cannot be reached
   */
  async open(path: string, signal: AbortSignal, quietMs = this.#answerMs): Promise<IncomingMessage> {
    const url = new URL(this.server + path)
    const options: RequestOptions = {
      method: 'GET',
      headers: { accept: 'application/json', 'user-agent': 'sallyport' },
      signal,
    }
    try {
      await this.#config.applyToHTTPSOptions(options)
    } catch (thrown) {
      throw new ApiFailure(undefined, `No credentials could be had: ${messageOf(thrown)}`)
    }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === 'http:' ? requestHttp : requestHttps
      const sent = send(url, options, resolve)
      sent.setTimeout(quietMs, () => sent.destroy(new Error('the server fell silent')))
      sent.on('error', thrown => reject(new ApiFailure(undefined, messageOf(thrown))))
      sent.end()
    })
    if (response.statusCode === 200) return response
    const said = await beginning(response)
    throw new ApiFailure(response.statusCode, said)
  }

  /** A whole answer as JSON. @throws ApiFailure also where it is longer than `most` bytes or no JSON */
  async json(path: string, signal: AbortSignal, most: number): Promise<unknown> {
    const response = await this.open(path, signal)
    const parts: Uint8Array[] = []
    let size = 0
    try {
      for await (const part of response as AsyncIterable<Uint8Array>) {
        size += part.length
        if (size > most) throw new ApiFailure(undefined, `the answer is longer than ${most} bytes`)
        parts.push(part)
      }
    } catch (thrown) {
      response.destroy()
      throw thrown instanceof ApiFailure ? thrown : new ApiFailure(undefined, messageOf(thrown))
    }
    try {
      return JSON.parse(Buffer.concat(parts).toString('utf8'))
    } catch {
      throw new ApiFailure(undefined, 'the answer is not JSON')
    }
  }
}

const unusable = (options: KubernetesOptions, message: string, cause?: unknown): SallyportError =>
  new SallyportError('config/invalid', message, {
    where: options.kubeconfig ?? 'KUBECONFIG or ~/.kube/config',
    mend: 'Name a kubeconfig and one of its contexts, or run in a pod with a service account.',
    ...(cause === undefined ? {} : { cause }),
  })

const messageOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200)

/** The message of a `Status`, or nothing. */
async function beginning(response: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const part of response as AsyncIterable<Uint8Array>) {
      text += Buffer.from(part).toString('utf8')
      if (text.length > 8_192) break
    }
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    return typeof message === 'string' ? message.slice(0, 200) : ''
  } catch {
    return ''
  } finally {
    response.destroy()
  }
}
