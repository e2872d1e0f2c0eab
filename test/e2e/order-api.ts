import { createHmac } from 'node:crypto'
import type { RequestListener } from 'node:http'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function jwt(sub: string): string {
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

/** Answers with anybody's order, whoever asks: what an attacker needs. */
export const answerOrder: RequestListener = (request, response) => {
  request.resume()
  const id = Number(/^\/orders\/(\d+)$/.exec(request.url ?? '')?.[1])
  response.setHeader('content-type', 'application/json')
  response.statusCode = Number.isNaN(id) ? 404 : 200
  response.end(Number.isNaN(id) ? '{}' : JSON.stringify({ id, ownerId: `user-${id % 10}`, total: id * 3 }))
}

/** Status that a user gets who reads an order through the gateway. */
export async function readOrder(gateway: string, user: string, id: number): Promise<number> {
  const answer = await fetch(`${gateway}/orders/${id}`, { headers: { authorization: `Bearer ${jwt(user)}` } })
  await answer.body?.cancel()
  return answer.status
}

/** Nine users read their own orders, one after the other; the statuses. */
export async function readOwnOrders(gateway: string, rounds: number): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let round = 0; round < rounds; round += 1)
    for (let user = 0; user < 9; user += 1)
      statuses.push(await readOrder(gateway, `user-${user}`, round * 10 + user + 100))
  return statuses
}

/** `user-9` reads five orders of others; the statuses. */
export async function readForeignOrders(gateway: string): Promise<readonly number[]> {
  const statuses: number[] = []
  for (const id of [101, 112, 123, 134, 145]) statuses.push(await readOrder(gateway, 'user-9', id))
  return statuses
}
