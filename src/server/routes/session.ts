import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { cookieName } from '../auth/authenticator.ts'
import { sessionLifeMs } from '../auth/sessions.ts'
import { defineRoute } from '../route.ts'
import { sessionView } from '../schemas/session.ts'

const secret = z.string().min(1).max(512)

function setCookie(reply: FastifyReply, value: string, seconds: number): void {
  reply.header('set-cookie', `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`)
}

export const signIn = defineRoute({
  method: 'POST',
  path: '/session',
  summary: 'Signs a browser in with a one-time code or an API token',
  role: 'public',
  audit: 'session.create',
  body: z.union([z.strictObject({ code: secret }), z.strictObject({ token: secret })], {
    error: 'must be { "code": … } or { "token": … }',
  }),
  response: sessionView,
  async handler({ authenticator, body, request, reply, audit }) {
    const { secret: value, session } = await authenticator.signIn(body, request.ip)
    await audit(
      session.name,
      { with: 'code' in body ? 'code' : 'token', role: session.role },
      `session:${session.name}`,
    )
    setCookie(reply, value, sessionLifeMs / 1_000)
    return { name: session.name, role: session.role }
  },
})

export const whoAmI = defineRoute({
  method: 'GET',
  path: '/session',
  summary: 'Who this session or token is',
  role: 'viewer',
  response: sessionView,
  async handler({ actor }) {
    return { name: actor.displayName, role: actor.role }
  },
})

export const signOut = defineRoute({
  method: 'DELETE',
  path: '/session',
  summary: 'Signs this browser out',
  role: 'viewer',
  audit: 'session.delete',
  status: 204,
  response: { mediaType: 'text/plain' },
  async handler({ actor, authenticator, live, reply, audit }) {
    const { session } = actor
    if (session !== undefined) {
      await authenticator.sessions.close(session.hash)
      live.endWhere(reader => reader.session?.hash === session.hash)
    }
    await audit(actor.displayName)
    setCookie(reply, '', 0)
    return undefined
  },
})
