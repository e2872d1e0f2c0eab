import { protectExchange } from './node-exchange.js'
import { Protection } from './protection.js'
import { running } from './running.js'

/** @type {typeof import('./fastify.d.ts').sallyport} */
export function sallyport(options) {
  const protection = new Protection(options)
  /** @type {import('./fastify.d.ts').FastifyPlugin} */
  const plugin = (app, _, done) => {
    app.addHook('onRequest', (request, reply, next) => {
      // The hook comes before anything has read the body.
      const goes = protectExchange(protection, request.raw, reply.raw, {
        target: request.raw.url ?? '/',
        address: request.ip,
        parsed: () => request.body,
      })
      if (goes instanceof Promise)
        goes.then(may => {
          if (may) next()
          else reply.hijack()
        }, next)
      else if (goes) next()
      else reply.hijack()
    })
    app.addHook('onClose', (_, closed) => {
      protection.close().then(() => closed(), closed)
    })
    done()
  }
  // The hooks are for the whole application, not for the plugin alone.
  return running(protection, Object.assign(plugin, { [Symbol.for('skip-override')]: true }))
}
