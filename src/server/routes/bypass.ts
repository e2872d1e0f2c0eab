import { z } from 'zod'
import type { BypassView } from '../api/bypass.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { name } from '../schemas/params.ts'
import { answer } from '../schemas/registry.ts'

const names = z.array(z.string())
const bypassView: z.ZodType<BypassView> = answer(
  'Bypass',
  z.object({
    on: z.boolean(),
    policies: names.describe('Policies that are set aside.'),
    local: z
      .object({ all: z.boolean(), policies: names, file: z.string() })
      .describe('By the file and SALLYPORT_BYPASS, whatever is said here.'),
  }),
)

const viewOf = (backend: Pick<Backend, 'bypass' | 'bypassStatus'>) => {
  const { policies, local } = backend.bypassStatus()
  return { on: backend.bypass(), policies: [...policies], local: { ...local, policies: [...local.policies] } }
}

export const showBypass = defineRoute({
  method: 'GET',
  path: '/bypass',
  summary: 'Whether the kill switch is on',
  role: 'viewer',
  response: bypassView,
  async handler({ backend }) {
    return viewOf(backend)
  },
})

export const setBypass = defineRoute({
  method: 'PUT',
  path: '/bypass',
  summary: 'The kill switch: while it is on everything passes and nothing is decided',
  role: 'admin',
  audit: 'bypass.set',
  body: z.strictObject({
    on: z.boolean(),
    policy: name.optional().describe('This one alone; without it on is everything, off is all of them.'),
  }),
  response: bypassView,
  async handler({ backend, body, audit }) {
    await backend.setBypass(body.on, body.policy)
    await audit(body.policy ?? 'gateway', { on: body.on })
    return viewOf(backend)
  },
})
