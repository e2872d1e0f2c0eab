import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Stored {
  readonly version: number
  readonly object: Readonly<Record<string, unknown>>
}

interface Change {
  readonly version: number
  readonly path: string
  readonly line: string
}

/**
 * An HTTP server that speaks the list and watch protocol of a Kubernetes API server: pages with `continue`, watches from a resource
 * version as chunked lines, bookmarks, 410 for places that it has forgotten, 403 and 404 by path.
 */
export class ApiServer {
  readonly #server: Server
  readonly #objects = new Map<string, Map<string, Stored>>()
  #changes: Change[] = []
  readonly #watches = new Set<{ readonly path: string; readonly response: ServerResponse }>()
  /** Places before this one are forgotten. */
  #oldest = 0
  #version = 100
  readonly forbidden = new Set<string>()
  /** `method path` of each request, without the query. */
  readonly requests: string[] = []
  readonly lists = new Map<string, number>()

  constructor(paths: readonly string[]) {
    for (const path of paths) this.#objects.set(path, new Map())
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://server')
      this.requests.push(`${request.method} ${url.pathname}`)
      this.#answer(url, response)
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  get watching(): number {
    return this.#watches.size
  }

  put(path: string, kind: string, name: string, rest: Readonly<Record<string, unknown>> = {}): void {
    const stored = this.#objects.get(path)!
    const type = stored.has(name) ? 'MODIFIED' : 'ADDED'
    this.#version += 1
    const object = {
      apiVersion: 'v1',
      kind,
      metadata: { name, namespace: 'shop', resourceVersion: String(this.#version) },
      ...rest,
    }
    stored.set(name, { version: this.#version, object })
    this.#tell(path, { type, object })
  }

  remove(path: string, name: string): void {
    const stored = this.#objects.get(path)!.get(name)!
    this.#objects.get(path)!.delete(name)
    this.#version += 1
    const metadata = { ...(stored.object.metadata as object), resourceVersion: String(this.#version) }
    this.#tell(path, { type: 'DELETED', object: { ...stored.object, metadata } })
  }

  bookmark(path: string): void {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { resourceVersion: String(this.#version) } }
    this.#send(path, `${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
  }

  /** Whatever it is, as it is. */
  raw(path: string, text: string): void {
    this.#send(path, text)
  }

  /** Ends the watches of a path. */
  disconnect(path: string, how: 'end' | 'destroy'): void {
    for (const watch of [...this.#watches])
      if (watch.path === path) how === 'end' ? watch.response.end() : watch.response.destroy()
  }

  /** Forgets what happened until now. */
  compact(): void {
    this.#changes = []
    this.#oldest = this.#version
  }

  #tell(path: string, event: unknown): void {
    const line = `${JSON.stringify(event)}\n`
    this.#changes.push({ version: this.#version, path, line })
    this.#send(path, line)
  }

  #send(path: string, text: string): void {
    for (const watch of this.#watches) if (watch.path === path) watch.response.write(text)
  }

  #answer(url: URL, response: ServerResponse): unknown {
    const path = url.pathname
    if (path === '/version') return this.#json(response, 200, { major: '1' })
    if (this.forbidden.has(path)) return this.#status(response, 403, `services is forbidden`)
    const stored = this.#objects.get(path)
    if (stored === undefined)
      return this.#status(response, 404, 'the server could not find the requested resource')
    if (url.searchParams.get('watch') === 'true') return this.#watch(url, response)
    const limit = Number(url.searchParams.get('limit') ?? 500)
    const start = Number(url.searchParams.get('continue') ?? 0)
    if (start === 0) this.lists.set(path, (this.lists.get(path) ?? 0) + 1)
    const all = [...stored.values()]
    const items = all.slice(start, start + limit).map(one => {
      // Members of a list do not say what they are.
      const { apiVersion: _, kind: __, ...rest } = one.object
      return rest
    })
    const more = start + limit < all.length ? { continue: String(start + limit) } : {}
    return this.#json(response, 200, {
      kind: 'ServiceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(this.#version), ...more },
      items,
    })
  }

  #watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'))
    const path = url.pathname
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
    response.flushHeaders()
    if (from < this.#oldest) {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`,
      )
      return
    }
    for (const change of this.#changes)
      if (change.path === path && change.version > from) response.write(change.line)
    const watch = { path, response }
    this.#watches.add(watch)
    // It may be written to after its line was cut.
    response.on('error', () => {})
    response.on('close', () => this.#watches.delete(watch))
  }

  #status(response: ServerResponse, code: number, message: string): void {
    this.#json(response, code, { kind: 'Status', code, message })
  }

  #json(response: ServerResponse, code: number, value: unknown): void {
    response.writeHead(code, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
}
