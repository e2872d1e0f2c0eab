import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { BypassView } from '../../src/server/api/bypass.ts'
import { type ConsoleData, detailOf, examples, overview, reachesNothing } from './console-fixture.ts'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** What was asked of it that changes something. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export type More = (
  path: string,
  query: URLSearchParams,
  method?: string,
  body?: unknown,
) => readonly [number, unknown] | undefined

/**
 * The built console with the catalog's part of the REST API over `data`: for what a real system cannot be made to show at will, such as
 * ten thousand endpoints, an empty catalog, or one that fails. The shapes are the server's own types.
 */
export class ConsoleServer {
  data: ConsoleData
  /** Every answer of the catalog is a failure while this is true. */
  failing = false
  bypass: BypassView = {
    on: false,
    policies: [],
    local: { all: false, policies: [], file: '.sallyport/bypass' },
  }
  readonly sent: Sent[] = []
  /** Answers what is no part of the catalog: the graph, sensors, detection. Undefined where it does not know either. */
  readonly #more: More
  readonly #root: string
  readonly #server: Server

  constructor(data: ConsoleData, root: string, more: More = () => undefined) {
    this.data = data
    this.#more = more
    this.#root = root
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async listen(): Promise<string> {
    if (!existsSync(join(this.#root, 'index.html')))
      throw new Error(`There is no console in ${this.#root}: npm run build -w console`)
    await new Promise<void>(done => this.#server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(done => this.#server.close(done))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://console')
    if (!url.pathname.startsWith('/api/v1/')) {
      this.#file(url.pathname, response)
      return
    }
    const path = url.pathname.slice('/api/v1'.length)
    if (path === '/live') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': live\n\n')
      return
    }
    const method = request.method ?? 'GET'
    let text = ''
    for await (const part of request) text += String(part)
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    if (method !== 'GET') this.sent.push({ method, path: decodeURIComponent(path), body })
    if (method === 'PUT' && path === '/bypass')
      this.bypass = { ...this.bypass, on: (body as { readonly on: boolean }).on }
    const always = this.#frame(path)
    const [status, answer] =
      always !== undefined
        ? [200, always]
        : this.failing
          ? [500, { type: 'about:blank', title: 'Something went wrong inside.', status: 500 }]
          : (this.#more(path, url.searchParams, method, body) ??
            this.#catalog(method, path, url.searchParams, body))
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(answer === undefined ? '' : JSON.stringify(answer))
  }

  /** What every page needs around it. */
  #frame(path: string): unknown {
    if (path === '/session') return { name: 'ada', role: 'admin' }
    if (path === '/overview') return this.#more(path, new URLSearchParams())?.[1] ?? overview
    if (path === '/bypass') return this.bypass
    return undefined
  }

  #catalog(method: string, path: string, query: URLSearchParams, body: unknown): readonly [number, unknown] {
    const { data } = this
    const [, first = '', second = '', third = ''] = path.split('/').map(decodeURIComponent)
    if (first === 'endpoints' && second !== '') {
      const endpoint = data.endpoints.find(one => one.id === second)
      if (endpoint === undefined) return [404, { title: 'There is no such endpoint.', status: 404 }]
      if (third === 'examples') return [200, { items: endpoint.calls === 0 ? [] : examples }]
      if (method === 'PATCH')
        return [200, this.#label(second, body as Readonly<Record<string, string | null>>)]
      return [200, detailOf(endpoint, data.findings)]
    }
    switch (`${method} /${first}${second === '' ? '' : `/${second}`}`) {
      case 'GET /endpoints': {
        const q = (query.get('q') ?? '').toLowerCase()
        return [
          200,
          paged(
            data.endpoints.filter(({ id }) => id.toLowerCase().includes(q)),
            query,
          ),
        ]
      }
      case 'GET /catalog/reviews':
        return [200, paged(data.reviews, query)]
      case 'GET /catalog/pins':
        return [200, { items: data.pins }]
      case 'POST /catalog/pins': {
        const wanted = body as { readonly host: string; readonly template: string }
        const pin = { ...wanted, id: `pin-${data.pins.length + 1}`, at: new Date().toISOString(), by: 'ada' }
        data.pins.push(pin)
        data.reviews = data.reviews.map(one =>
          one.host === pin.host && one.template === pin.template
            ? { ...one, state: 'pinned', pin: pin.id }
            : one,
        )
        return [201, pin]
      }
      case 'GET /findings':
        return [
          200,
          paged(
            data.findings.filter(({ status }) => status === query.get('status')),
            query,
          ),
        ]
      case 'GET /specs':
        return [200, { items: data.specs }]
      case 'GET /changes': {
        const of = query.get('endpoint')
        return [
          200,
          paged(
            data.changes.filter(({ endpoint }) => of === null || endpoint === of),
            query,
          ),
        ]
      }
      case 'GET /graph/reach':
        return [200, reachesNothing(query.get('node') ?? '')]
      case 'GET /workloads':
      case 'GET /calls':
      case 'GET /calls/histogram':
      case 'GET /incidents':
      case 'GET /signals':
      case 'GET /principals':
        return [200, { items: [] }]
      default:
        return this.#changed(method, first, second, third, body)
    }
  }

  #changed(
    method: string,
    first: string,
    second: string,
    third: string,
    body: unknown,
  ): readonly [number, unknown] {
    const { data } = this
    if (method === 'DELETE' && first === 'catalog') {
      data.pins = data.pins.filter(({ id }) => id !== third)
      data.reviews = data.reviews.map(one => {
        if (one.pin !== third) return one
        const { pin: _, ...rest } = one
        return { ...rest, state: 'merged' }
      })
      return [204, undefined]
    }
    if (method === 'POST' && first === 'findings') {
      const { reason = '' } = body as { readonly reason?: string }
      data.findings = data.findings.map(one => {
        if (one.id !== second) return one
        const { dismissed: _, ...rest } = one
        return third === 'dismiss'
          ? { ...rest, status: 'dismissed', dismissed: { by: 'ada', at: new Date().toISOString(), reason } }
          : { ...rest, status: 'open' }
      })
      return [200, data.findings.find(({ id }) => id === second)]
    }
    if (method === 'GET' && first === 'findings') {
      const found = data.findings.find(({ id }) => id === second)
      return found === undefined ? [404, { title: 'There is no such finding.', status: 404 }] : [200, found]
    }
    return [404, { title: 'There is nothing at that address.', status: 404 }]
  }

  #label(id: string, saying: Readonly<Record<string, string | null>>): unknown {
    this.data.endpoints = this.data.endpoints.map(endpoint => {
      if (endpoint.id !== id || endpoint.labels === undefined || saying.owner === undefined) return endpoint
      const { owner: _, ...labels } = endpoint.labels
      const said = saying.owner
      return {
        ...endpoint,
        labels:
          said === null
            ? labels
            : { ...labels, owner: { value: said, from: 'person', why: saying.reason ?? 'ada' } },
      }
    })
    const endpoint = this.data.endpoints.find(one => one.id === id)
    return endpoint === undefined ? undefined : detailOf(endpoint, this.data.findings)
  }

  #file(path: string, response: ServerResponse): void {
    const file = join(this.#root, path)
    const there = file.startsWith(this.#root) && existsSync(file) && statSync(file).isFile()
    const shown = there ? file : join(this.#root, 'index.html')
    response.writeHead(200, { 'content-type': mediaTypes[extname(shown)] ?? 'application/octet-stream' })
    createReadStream(shown).pipe(response)
  }
}

/** A page of the list, by the `limit` and `cursor` that are asked for. */
function paged<Item>(items: readonly Item[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 100)
  const from = Number(query.get('cursor') ?? 0)
  const next = from + limit
  const page = items.slice(from, next)
  return next < items.length ? { items: page, cursor: String(next) } : { items: page }
}
