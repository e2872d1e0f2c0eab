import { connectMiddleware } from './connect.js'
import { protectExchange } from './node-exchange.js'
import { Protection } from './protection.js'
import { running } from './running.js'

/** @import { RequestListener } from 'node:http' */

/** @type {typeof import('./node.d.ts').sallyport} */
export function sallyport(options) {
  const protection = new Protection(options)
  return running(protection, connectMiddleware(protection))
}

/** @type {typeof import('./node.d.ts').protect} */
export function protect(listener, options) {
  const protection = new Protection(options)
  /** @type {RequestListener} */
  const guarded = (request, response) => {
    const goes = protectExchange(protection, request, response, {
      target: request.url ?? '/',
      address: request.socket.remoteAddress,
      parsed: () => undefined,
    })
    if (goes instanceof Promise)
      void goes.then(
        may => {
          if (may) listener(request, response)
        },
        () => response.destroy(),
      )
    else if (goes) listener(request, response)
  }
  return running(protection, guarded)
}
