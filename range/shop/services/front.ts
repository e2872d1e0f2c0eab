import { randomUUID } from 'node:crypto'
import { type ShopRole, seedShop } from '../seed.ts'
import {
  type Answer,
  type Asked,
  ask,
  type Handler,
  Refusal,
  type Routes,
  type ServiceOrder,
  textOf,
} from '../service.ts'
import { issueToken, readToken, type ShopClaims } from '../token.ts'

const tokenSeconds = 15 * 60

/**
 * The API that clients see. Its flaws are deliberate and of the kind that reviews miss:
 * an order, its invoice and its receipt are shown to whoever is signed in and knows the number (no owner check), signing out ends
 * nothing on this side, coupons and sign-ins can be tried without limit, a profile takes any field, an image is fetched from
 * wherever the caller says.
 */
export function frontService({ jwtSecret, internalToken, peers, apiKeys, seed }: ServiceOrder): Routes {
  const to =
    (peer: string) =>
    (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> =>
      ask(peers[peer] ?? '', internalToken, method, path, body)
  const [users, orders, payments] = [to('users'), to('orders'), to('payments')]

  const people = new Map(seedShop(seed).users.map(user => [user.username, user]))
  const keyClaims = (key: unknown): ShopClaims | undefined => {
    const user = people.get(apiKeys[String(key)] ?? '')
    if (user === undefined) return undefined
    const { username, tenant, role } = user
    return { iss: 'shop', sub: username, tenant, roles: [role], jti: '', iat: 0, exp: 0 }
  }
  const claimsOf = ({ headers }: Asked): ShopClaims => {
    const known = keyClaims(headers['x-api-key'])
    if (known !== undefined) return known
    const [scheme, token] = String(headers.authorization ?? '').split(' ')
    const claims =
      scheme === 'Bearer' && token !== undefined ? readToken(token, jwtSecret, Date.now()) : undefined
    if (claims === undefined) throw new Refusal(401, 'sign in first')
    return claims
  }
  const signedIn =
    (handler: (asked: Asked, claims: ShopClaims) => Answer | Promise<Answer>): Handler =>
    asked =>
      handler(asked, claimsOf(asked))
  const only = (claims: ShopClaims, ...roles: ShopRole[]): void => {
    if (!claims.roles.some(role => roles.includes(role))) throw new Refusal(403, 'not for you')
  }
  const isStaff = (claims: ShopClaims): boolean =>
    claims.roles.some(role => role === 'support' || role === 'admin')
  const path = (value: string | undefined): string => encodeURIComponent(value ?? '')

  return {
    'GET /health': () => ({ status: 200, body: { status: 'ok' } }),
    'POST /auth/login': async ({ body }) => {
      const found = await users('POST', '/login', {
        username: textOf(body, 'username'),
        password: textOf(body, 'password'),
      })
      if (found.status !== 200) return found
      const { username, tenant, role } = found.body as { username: string; tenant: string; role: ShopRole }
      const iat = Math.floor(Date.now() / 1_000)
      const claims: ShopClaims = {
        iss: 'shop',
        sub: username,
        tenant,
        roles: [role],
        jti: randomUUID(),
        iat,
        exp: iat + tokenSeconds,
      }
      return {
        status: 200,
        body: { access_token: issueToken(claims, jwtSecret), token_type: 'Bearer', expires_in: tokenSeconds },
      }
    },
    'POST /auth/logout': signedIn(() => ({ status: 204 })),
    'GET /customers/me': signedIn((_, { sub }) => users('GET', `/users/${path(sub)}`)),
    'PUT /customers/me': signedIn(({ body }, { sub }) => users('PUT', `/users/${path(sub)}`, body)),
    'POST /customers/me/avatar': signedIn(({ body }, { sub }) =>
      users('POST', `/users/${path(sub)}/avatar`, { image: textOf(body, 'image') }),
    ),
    'GET /customers/:id': signedIn(async ({ params }, claims) => {
      const found = await users('GET', `/customers/${path(params.id)}`)
      const { username } = (found.body ?? {}) as { username?: string }
      if (found.status === 200 && username !== claims.sub && !isStaff(claims))
        throw new Refusal(403, 'not your profile')
      return found
    }),
    'GET /orders': signedIn((_, { sub }) => orders('GET', `/orders?customer=${path(sub)}`)),
    'POST /orders': signedIn(({ body }, { sub, tenant }) =>
      orders('POST', '/orders', { sku: body.sku, quantity: body.quantity, customer: sub, tenant }),
    ),
    'GET /orders/:id': signedIn(({ params }) => orders('GET', `/orders/${path(params.id)}`)),
    'GET /orders/:id/invoice': signedIn(async ({ params }) => {
      const order = await orders('GET', `/orders/${path(params.id)}`)
      if (order.status !== 200) return order
      const { id, customerId, tenantId, items, total } = order.body as Record<string, unknown>
      const [customer, payment] = await Promise.all([
        users('GET', `/users/${path(String(customerId))}`),
        payments('GET', `/orders/${path(params.id)}/payment`),
      ])
      const { name, email, address } = (customer.body ?? {}) as Record<string, unknown>
      const { card, iban, method } = (payment.body ?? {}) as Record<string, unknown>
      return {
        status: 200,
        body: {
          orderId: id,
          customerId,
          tenantId,
          billTo: { name, email, address },
          items,
          total,
          payment: { method, card, iban },
        },
      }
    }),
    'GET /orders/:id/receipt': signedIn(({ params }) => payments('GET', `/receipts/${path(params.id)}`)),
    'GET /products': ({ query }) => orders('GET', `/products?${query}`),
    'GET /products/search': ({ query }) => orders('GET', `/products/search?${query}`),
    'GET /products/:slug': ({ params }) => orders('GET', `/products/${path(params.slug)}`),
    'POST /coupons/redeem': signedIn(({ body }, { sub }) =>
      orders('POST', '/coupons/redeem', { code: textOf(body, 'code'), customer: sub }),
    ),
    'POST /payments': signedIn(async ({ body }, { sub, tenant }) => {
      const order = await orders('GET', `/orders/${path(String(body.orderId))}`)
      const { customerId, total } = (order.body ?? {}) as { customerId?: string; total?: number }
      if (order.status !== 200 || customerId !== sub) throw new Refusal(404, 'no such order')
      return await payments('POST', '/payments', {
        orderId: body.orderId,
        amount: total,
        card: textOf(body, 'card'),
        customer: sub,
        tenant,
      })
    }),
    'GET /payments': signedIn((_, { sub }) => payments('GET', `/payments?customer=${path(sub)}`)),
    'GET /payments/:id': signedIn(async ({ params }, claims) => {
      const found = await payments('GET', `/payments/${path(params.id)}`)
      const { customerId } = (found.body ?? {}) as { customerId?: string }
      if (found.status === 200 && customerId !== claims.sub && !isStaff(claims))
        throw new Refusal(404, 'no such payment')
      return found
    }),
    'GET /support/tickets': signedIn((_, claims) =>
      users('GET', isStaff(claims) ? '/tickets' : `/tickets?username=${path(claims.sub)}`),
    ),
    'POST /support/tickets': signedIn(({ body }, { sub, tenant }) =>
      users('POST', '/tickets', {
        subject: textOf(body, 'subject'),
        message: textOf(body, 'message'),
        username: sub,
        tenant,
      }),
    ),
    'GET /admin/export': signedIn(({ query }, claims) => {
      only(claims, 'admin', 'service')
      return orders('GET', `/export?${query}`)
    }),
    'GET /settlements': signedIn(({ query }, claims) => {
      only(claims, 'admin', 'service')
      return payments('GET', `/settlements?${query}`)
    }),
  }
}
