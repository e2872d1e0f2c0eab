import { connectMiddleware } from './connect.js'
import { Protection } from './protection.js'
import { running } from './running.js'

/** @type {typeof import('./express.d.ts').sallyport} */
export function sallyport(options) {
  const protection = new Protection(options)
  return running(protection, connectMiddleware(protection))
}
