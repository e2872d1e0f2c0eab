import { Agent, createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { createProxyMiddleware } from 'http-proxy-middleware'

/** What many Node applications forward with, and nothing else: `--port N --upstream URL`. It protects nothing. */
const { values } = parseArgs({ options: { port: { type: 'string' }, upstream: { type: 'string' } } })
if (values.port === undefined || values.upstream === undefined) {
  process.stderr.write('usage: proxy-middleware-process.ts --port N --upstream URL\n')
  process.exit(2)
}
const forward = createProxyMiddleware({
  target: values.upstream,
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
})
createServer((request, response) => {
  void forward(request, response, () => response.destroy())
}).listen(Number(values.port), '127.0.0.1')
