import { Agent, createServer, request as httpRequest } from 'node:http'

export interface Ingress {
  readonly url: string
  close(): Promise<void>
}

/**
 * What stands before the shops of a cluster: sends each request where its host says, as it came.
 * @param hosts Host → base URL.
 */
export async function startIngress(hosts: Readonly<Record<string, string>>): Promise<Ingress> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const server = createServer((incoming, response) => {
    const base = hosts[(incoming.headers.host ?? '').replace(/:\d{1,5}$/, '')]
    if (base === undefined) {
      response.statusCode = 404
      response.end('no such host')
      return
    }
    const { hostname, port } = new URL(base)
    const outgoing = httpRequest({
      agent,
      hostname,
      port,
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: incoming.headers,
    })
    outgoing.once('error', () => {
      response.statusCode = 502
      response.end()
    })
    outgoing.once('response', answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>(done => server.close(() => done()))
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}
