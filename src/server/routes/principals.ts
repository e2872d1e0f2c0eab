import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import { defineRoute } from '../route.ts'
import { byId, name, paging } from '../schemas/params.ts'
import { principalView } from '../schemas/principal.ts'
import { pageOf } from '../schemas/registry.ts'
import { principalViewOf } from '../views/principal.ts'
import { sortedPage } from '../views/sorted-page.ts'

export const listPrincipals = defineRoute({
  method: 'GET',
  path: '/principals',
  summary: 'Who calls: highest risk first, then most calls',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    q: name.optional().describe('Part of the id or the tenant, any case.'),
  }),
  response: pageOf('PrincipalPage', principalView),
  async handler({ backend, query, now }) {
    const text = query.q?.toLowerCase()
    const found = backend
      .principals()
      .filter(
        principal =>
          text === undefined ||
          principal.id.toLowerCase().includes(text) ||
          principal.tenant?.toLowerCase().includes(text) === true,
      )
    const page = sortedPage(found, ({ risk, calls, id }) => [risk, calls, id], query)
    const held = new Map(
      (await backend.state.quarantine(now)).map(entry => [`${entry.kind} ${entry.target}`, entry]),
    )
    return {
      ...page,
      items: page.items.map(principal => principalViewOf(principal, held.get(`principal ${principal.id}`))),
    }
  },
})

export const showPrincipal = defineRoute({
  method: 'GET',
  path: '/principals/{id}',
  summary:
    'One principal: with what it was seen, who is linked to it by that, what it does today against what it usually does',
  role: 'viewer',
  params: byId,
  response: principalView,
  async handler({ backend, params, now }) {
    const principal = backend.principals().find(candidate => candidate.id === params.id)
    if (principal === undefined) {
      throw new SallyportError('resource/not-found', 'There is no such principal.', { where: params.id })
    }
    const quarantine = await backend.state.quarantine(now)
    const [ties, habits] = await Promise.all([
      backend.askGraph('ties', { principal: params.id }),
      backend.askGraph('habits', { principal: params.id }),
    ])
    return principalViewOf(
      principal,
      quarantine.find(entry => entry.kind === 'principal' && entry.target === params.id),
      ties,
      habits,
    )
  },
})
