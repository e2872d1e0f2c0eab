import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { flag, list, moment, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { signalView } from '../schemas/signal.ts'
import { present } from '../views/present.ts'
import { signalViewOf } from '../views/signal.ts'

export const listSignals = defineRoute({
  method: 'GET',
  path: '/signals',
  summary: 'What single detectors said, newest first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    since: moment.optional(),
    principal: name.optional(),
    detector: name.optional(),
    endpoint: name.optional(),
    held: flag.optional().describe('Only those that the noise budget held back; `false`: only the others.'),
    ids: list.optional().describe('Joined by commas, or given several times.'),
  }),
  response: pageOf('SignalPage', signalView),
  async handler({ backend, query }) {
    const page = await backend.state.signals(present(query))
    return { ...page, items: page.items.map(signal => signalViewOf(signal, backend)) }
  },
})
