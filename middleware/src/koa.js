import { replaced } from './connect.js'
import { protectExchange } from './node-exchange.js'
import { Protection } from './protection.js'
import { running } from './running.js'

/** @type {typeof import('./koa.d.ts').sallyport} */
export function sallyport(options) {
  const protection = new Protection(options)
  return running(protection, async (context, next) => {
    const { request } = context
    const may = await protectExchange(protection, context.req, context.res, {
      target: context.originalUrl,
      address: context.ip,
      parsed: () => request.rawBody ?? request.body,
      replace: bytes => {
        request.body = replaced(request.body, bytes)
      },
    })
    if (may) await next()
    else context.respond = false
  })
}
