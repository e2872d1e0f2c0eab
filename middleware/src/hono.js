import { Protection } from './protection.js'
import { running } from './running.js'
import { aheadOf, parsedBody, WebExchange } from './web-exchange.js'

/** @type {typeof import('./hono.d.ts').sallyport} */
export function sallyport(options) {
  const protection = new Protection(options)
  return running(protection, async (context, next) => {
    const asked = context.req.raw
    const incoming = context.env?.incoming
    const address = options?.clientAddress?.(asked) ?? incoming?.socket?.remoteAddress
    const exchange = new WebExchange(protection, asked, address)
    const decision = await protection.decide(exchange.guarded)
    const refused = exchange.take(decision, decision.verdict)
    if (refused !== undefined) return refused
    if (decision.verdict.action === 'amend') amend(context, decision.verdict)
    if (decision.needs.requestBody && asked.body !== null) {
      const body = await aheadOf(context.req.raw, protection.bodyBytes)
      exchange.keepBody(body)
      const verdict = await decision.body(body)
      const withheld = exchange.take(decision, verdict)
      if (withheld !== undefined) return withheld
      if (verdict.action === 'amend') {
        const { body: replaced, ...rest } = verdict
        // It was made of what was seen: of a part of a body it would lose the rest.
        if (replaced !== undefined && body.truncated) protection.undone()
        amend(context, body.truncated ? rest : verdict)
      }
    }
    await next()
    exchange.keepBody(await readBody(context, protection.bodyBytes))
    const response = await exchange.answered(decision, context.res)
    // Without this the headers of the one before would be put into the new one.
    context.res = undefined
    context.res = response
    return undefined
  })
}

/**
 * The body as the application read it.
 * @param {import('./hono.d.ts').HonoContext} context
 * @param {number} limit
 */
async function readBody({ req }, limit) {
  const { bodyCache } = req
  const kept = bodyCache.arrayBuffer ?? bodyCache.text ?? bodyCache.json
  if (kept === undefined) return undefined
  const parsed = await Promise.resolve(kept).catch(() => undefined)
  return parsedBody(parsed, req.raw.headers.get('content-type') ?? '', limit)
}

/**
 * @param {import('./hono.d.ts').HonoContext} context
 * @param {import('./types.d.ts').Amendment} amendment
 */
function amend({ req }, { headers = [], body }) {
  const set = new Headers(req.raw.headers)
  for (const [name, value] of headers) set.set(name, value)
  if (body === undefined) {
    req.raw = new Request(req.raw, { headers: set })
    return
  }
  for (const name of ['transfer-encoding', 'content-encoding']) set.delete(name)
  set.set('content-length', String(body.length))
  req.raw = new Request(req.raw.url, { method: req.raw.method, headers: set, body: Buffer.from(body) })
}
