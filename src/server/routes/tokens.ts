import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import type { ApiToken } from '../../store/ports/state-store.ts'
import { hashSecret, newSecret } from '../auth/secret.ts'
import { defineRoute } from '../route.ts'
import { byId, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { tokenView } from '../schemas/token.ts'
import { sortedPage } from '../views/sorted-page.ts'
import { tokenViewOf } from '../views/token.ts'

const mostTokens = 1_000

export const listTokens = defineRoute({
  method: 'GET',
  path: '/tokens',
  summary: 'API tokens, newest first, without the secrets',
  role: 'admin',
  query: z.strictObject({ ...paging }),
  response: pageOf('TokenPage', tokenView),
  async handler({ backend, query }) {
    const page = sortedPage(await backend.state.tokens(), token => [token.createdAt, token.id], query)
    return { ...page, items: page.items.map(tokenViewOf) }
  },
})

export const createToken = defineRoute({
  method: 'POST',
  path: '/tokens',
  summary: 'A new API token; this answer alone holds it',
  role: 'admin',
  audit: 'token.create',
  status: 201,
  body: z.strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters'),
    role: z.enum(['viewer', 'analyst', 'admin']),
  }),
  response: tokenView,
  async handler({ backend, body, now, audit }) {
    const live = (await backend.state.tokens()).filter(token => token.revokedAt === undefined)
    if (live.length >= mostTokens) {
      throw new SallyportError('limit/exceeded', `There are ${mostTokens} tokens in force already.`, {
        mend: 'Revoke some that are no longer used.',
      })
    }
    const token = newSecret('sp_')
    const record: ApiToken = {
      id: randomUUID(),
      name: body.name,
      role: body.role,
      hash: hashSecret(token),
      createdAt: now,
    }
    await backend.state.putToken(record)
    await audit(record.id, { name: record.name, role: record.role })
    return { ...tokenViewOf(record), token }
  },
})

export const revokeToken = defineRoute({
  method: 'DELETE',
  path: '/tokens/{id}',
  summary: 'Ends a token, and every session and live feed opened with it, at once',
  role: 'admin',
  audit: 'token.revoke',
  params: byId,
  status: 204,
  response: { mediaType: 'text/plain' },
  async handler({ authenticator, backend, params, now, live, audit }) {
    const token = (await backend.state.tokens()).find(candidate => candidate.id === params.id)
    if (token === undefined || token.revokedAt !== undefined) {
      throw new SallyportError('resource/not-found', 'There is no such token in force.', { where: params.id })
    }
    await backend.state.revokeToken(token.id, now)
    await authenticator.sessions.closeOf(token.id)
    live.endWhere(reader => reader.token === token.id)
    await audit(token.id, { name: token.name, role: token.role })
    return undefined
  },
})
