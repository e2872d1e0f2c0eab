import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { visitView } from '../schemas/visit.ts'
import { present } from '../views/present.ts'
import { stamp } from '../views/stamp.ts'

/** What incidents that changed since are told by. */
export const incidentsPage = 'incidents'

export const noteVisit = defineRoute({
  method: 'POST',
  path: '/visits',
  summary: 'Notes that who asks looked at a page now',
  role: 'viewer',
  // Nobody else sees anything of it.
  computes: true,
  body: z.strictObject({ page: z.enum([incidentsPage]) }),
  response: visitView,
  async handler({ actor, backend, body, now }) {
    const before = await backend.state.putVisit({ user: actor.name, page: body.page, at: now })
    return present({
      page: body.page,
      at: stamp(now),
      before: before === undefined ? undefined : stamp(before),
    })
  },
})
