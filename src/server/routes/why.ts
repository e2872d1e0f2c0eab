import { z } from 'zod'
import { callId } from '../../kit/id.ts'
import { defineRoute } from '../route.ts'
import { byId, name } from '../schemas/params.ts'
import { whyList } from '../schemas/why.ts'
import { present } from '../views/present.ts'
import { findCall } from './calls.ts'

export const whyCall = defineRoute({
  method: 'GET',
  path: '/calls/{id}/why',
  summary: 'What each detector says of a call: why it raised it, or why not',
  role: 'viewer',
  params: byId,
  query: z.strictObject({ detector: name.optional() }),
  response: whyList,
  async handler({ backend, params, query }) {
    const stored = await findCall(backend, callId(params.id))
    const said = await backend.askGraph('why', present({ call: stored, detector: query.detector }))
    return {
      items: said.map(why => ({ title: backend.detectorText(why.detector)?.title ?? why.detector, ...why })),
    }
  },
})
