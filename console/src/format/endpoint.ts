import type { EndpointDetailView, EndpointView } from '../../../src/server/api/endpoint.ts'
import { gravestFirst } from './grave-classes.ts'
import { dataClassName } from './names.ts'
import { listed, plural } from './number.ts'

/** Authentication as a phrase: `without authentication`, `with bearer jwt`. */
export function authPhrase(auth: readonly string[]): string {
  const schemes = auth.filter(scheme => scheme !== 'none' && scheme !== 'anonymous')
  if (schemes.length === 0) return 'without authentication'
  const some = schemes.length < auth.length ? ' or without any' : ''
  return `with ${listed(schemes.map(scheme => scheme.replaceAll('-', ' ')))}${some}`
}

/** Whether calls without credentials were answered. */
export const isOpen = (endpoint: Pick<EndpointView, 'auth'>): boolean =>
  endpoint.auth.length === 0 || endpoint.auth.some(scheme => scheme === 'none' || scheme === 'anonymous')

/** One phrase on what an endpoint carries and how it is guarded; the gravest first. */
export function endpointConcern(endpoint: EndpointView): string {
  const carries = endpoint.dataClasses.response.map(dataClassName)
  const takes = endpoint.dataClasses.request.map(dataClassName)
  const data =
    carries.length > 0
      ? `returns ${listed(carries)}`
      : takes.length > 0
        ? `takes ${listed(takes)}`
        : plural(endpoint.calls, 'call')
  const known =
    endpoint.inventory === 'shadow'
      ? ', undocumented'
      : endpoint.inventory === 'zombie'
        ? ', deprecated but still answering'
        : ''
  return `${data} ${authPhrase(endpoint.auth)}${known}`
}

/** What an endpoint does, who calls it and whether it is known: the rest of a sentence that begins with its name. */
export function endpointSentence(endpoint: EndpointDetailView): string {
  const returns = gravestFirst(endpoint.dataClasses.response).map(dataClassName)
  const takes = gravestFirst(endpoint.dataClasses.request).map(dataClassName)
  const does = [
    returns.length > 0 ? `returns ${listed(returns, 4)}` : '',
    takes.length > 0 ? `takes ${listed(takes, 4)}` : '',
  ].filter(Boolean)
  if (endpoint.inventory === 'orphan') return 'is promised by a specification. Nobody has called it.'
  const carries = does.length > 0 ? does.join(' and ') : 'carries no data of a known class'
  const atLeast = endpoint.callers.length >= 20 ? 'at least ' : ''
  const callers =
    endpoint.callers.length === 0 ? '' : ` by ${atLeast}${plural(endpoint.callers.length, 'principal')}`
  return `${carries}, ${authPhrase(endpoint.auth)}. ${plural(endpoint.calls, 'call')}${callers} so far.`
}
