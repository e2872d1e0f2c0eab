import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SallyportError } from '../kit/error.ts'
import { replyProblem } from './problem-reply.ts'

const missingPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sallyport</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem">
<h1>The console is not built yet</h1>
<p>Sallyport is running and its API answers at <code>/api/v1</code>. To have the console here, run</p>
<pre>npm run build --workspace console</pre>
<p>and start Sallyport again.</p>
</body></html>
`

const isNotFound = () => new SallyportError('resource/not-found', 'There is nothing at that address.')

/**
 * Serves the built console. Files under `/assets/` carry a hash in their name and are cached for a year; every other
 * address outside the API is the console's own page, fresh each time. Without a build, a page that says how to make one.
 */
export async function serveConsole(app: FastifyInstance, directory: string | undefined): Promise<void> {
  // Read once: a build made later comes with assets that only a restart serves.
  const html = builtPage(directory)
  if (directory !== undefined && html !== undefined) {
    await app.register(fastifyStatic, {
      root: directory,
      index: false,
      wildcard: true,
      cacheControl: false,
      dotfiles: 'ignore',
      setHeaders(reply, path) {
        const isHashed = path.startsWith(join(directory, 'assets'))
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  const page = (reply: FastifyReply): FastifyReply => {
    return reply
      .status(200)
      .header('cache-control', 'no-cache')
      .header('content-type', 'text/html; charset=utf-8')
      .send(html ?? missingPage)
  }
  app.get('/', async (_request, reply) => page(reply))
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const isPage = request.method === 'GET' || request.method === 'HEAD'
    // A missing file is missing. But a browser that opens an address asks for HTML, and then what looks like an
    // extension is part of a name: `/principals/user:anna@shop.example`.
    const asksForPage = (request.headers.accept ?? '').includes('text/html')
    const isFile = path.startsWith('/assets/') || (/\.[a-z0-9]{1,8}$/i.test(path) && !asksForPage)
    if (!isPage || isFile || path === '/api' || path.startsWith('/api/'))
      return replyProblem(reply, isNotFound())
    return page(reply)
  })
}

function builtPage(directory: string | undefined): string | undefined {
  const index = directory === undefined ? undefined : join(directory, 'index.html')
  return index !== undefined && existsSync(index) ? readFileSync(index, 'utf8') : undefined
}
