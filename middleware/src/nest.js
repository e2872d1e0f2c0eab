import { connectMiddleware } from './connect.js'
import { Protection } from './protection.js'
import { running } from './running.js'

/** @type {typeof import('./nest.d.ts').sallyport} */
export function sallyport(options) {
  const protection = new Protection(options)
  return running(protection, connectMiddleware(protection))
}

/** @type {typeof import('./nest.d.ts').sallyportMiddleware} */
export function sallyportMiddleware(options) {
  const protection = new Protection(options)
  const middleware = connectMiddleware(protection)
  return running(
    protection,
    class SallyportMiddleware {
      /** @type {import('./nest.d.ts').NestMiddlewareLike['use']} */
      use(request, response, next) {
        middleware(request, response, next)
      }
    },
  )
}
