import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { answer } from '../schemas/registry.ts'

const bypassView = answer('Bypass', z.object({ on: z.boolean() }))

export const showBypass = defineRoute({
  method: 'GET',
  path: '/bypass',
  summary: 'Whether the kill switch is on',
  role: 'viewer',
  response: bypassView,
  async handler({ backend }) {
    return { on: backend.bypass() }
  },
})

export const setBypass = defineRoute({
  method: 'PUT',
  path: '/bypass',
  summary: 'The kill switch: while it is on everything passes and nothing is decided',
  role: 'admin',
  audit: 'bypass.set',
  body: z.strictObject({ on: z.boolean() }),
  response: bypassView,
  async handler({ backend, body, audit }) {
    await backend.setBypass(body.on)
    await audit('gateway', { on: body.on })
    return { on: backend.bypass() }
  },
})
