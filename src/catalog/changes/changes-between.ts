import { stableHash } from '../../kit/hash.ts'
import type { DataField, Endpoint } from '../endpoint.ts'
import { type CatalogChange, changeKinds } from './catalog-change.ts'
import { type FieldTypes, fieldTypesOf } from './field-types.ts'
import { sameShape } from './same-shape.ts'

/** Changes of fields that one comparison tells; where a caller makes up names, more would only be more of the same. */
const mostFieldChanges = 50

type News = Pick<CatalogChange, 'kind'> & Partial<CatalogChange>

/**
 * What differs between two tellings of one endpoint, the gravest kind first, then by field. Pure: the same tellings give the
 * same changes. An endpoint that is not there (undefined), was never called or is a candidate does not exist: from it to one
 * that does is one `endpoint-new`, the way back one `endpoint-gone`. What a telling no longer has is no change: a catalog
 * does not unlearn, and a short recording has seen little. Of fields, at most 50 changes, and none once the fields of an endpoint had to
 * be forgotten for room: what is learned again is not new.
 * @param time what the changes carry: ms since the epoch.
 */
export function changesBetween(
  before: Endpoint | undefined,
  after: Endpoint | undefined,
  time: number,
): readonly CatalogChange[] {
  const was = exists(before) ? before : undefined
  const is = exists(after) ? after : undefined
  if (was === is) return []
  if (is === undefined) return was === undefined ? [] : [endpointChange('endpoint-gone', was, time)]
  if (was === undefined) return [endpointChange('endpoint-new', is, time)]
  const news: News[] = [
    ...authentication(was, is),
    ...(was.exposure === is.exposure || was.exposure === 'unknown' || is.exposure === 'unknown'
      ? []
      : [{ kind: 'exposure-changed' as const, before: was.exposure, after: is.exposure }]),
    ...(isLearnedAgain(is) || sameShape(was, is) ? [] : fieldsAndData(was, is)),
    ...Object.keys(is.statuses)
      .filter(status => was.statuses[status] === undefined)
      .map(status => ({ kind: 'status-new' as const, after: status })),
  ]
  return news.map(one => changeOf(is, one, time)).sort(byKindAndField)
}

/** Endpoints are told from the moment there is enough evidence that they are any. */
export const exists = (endpoint: Endpoint | undefined): endpoint is Endpoint =>
  endpoint !== undefined && endpoint.calls > 0 && endpoint.inventory !== 'candidate'

const isLearnedAgain = ({ messages }: Endpoint): boolean => (messages?.forgotten ?? 0) > 0

/** What the whole endpoint takes and answers with. */
export const classesOf = ({ dataClasses }: Endpoint): readonly string[] =>
  [...new Set([...dataClasses.request, ...dataClasses.response])].sort()

export const endpointChange = (
  kind: 'endpoint-new' | 'endpoint-gone' | 'endpoint-back',
  endpoint: Endpoint,
  time: number,
): CatalogChange => changeOf(endpoint, { kind, dataClasses: classesOf(endpoint) }, time)

function changeOf(endpoint: Endpoint, news: News, time: number): CatalogChange {
  const { kind, side, field, before, after, dataClasses = [] } = news
  return {
    id: stableHash([kind, endpoint.id, side ?? '', field ?? '', before ?? '', after ?? '', time]),
    time,
    kind,
    endpoint: endpoint.id,
    ...(side === undefined ? {} : { side }),
    ...(field === undefined ? {} : { field }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    dataClasses,
    sensitive: dataClasses.length > 0,
  }
}

function authentication(was: Endpoint, is: Endpoint): readonly News[] {
  const fresh = is.auth.filter(scheme => !was.auth.includes(scheme))
  // Before any call was answered with success nothing is known of what it asks for.
  if (was.auth.length === 0) return []
  return fresh.map(scheme =>
    scheme === 'none'
      ? { kind: 'auth-removed-once', before: was.auth.join(' '), after: 'none', dataClasses: classesOf(is) }
      : { kind: 'auth-new', before: was.auth.join(' '), after: scheme, dataClasses: classesOf(is) },
  )
}

function fieldsAndData(was: Endpoint, is: Endpoint): readonly News[] {
  const before = fieldTypesOf(was)
  const after = fieldTypesOf(is)
  const carried = carriedBy(is.fields)
  const known = new Set(was.fields.map(dataKey))
  const told = new Map<string, News>()
  for (const [key, { side, field, type, message }] of after.fields) {
    const place = `${side} ${field}`
    const former = before.fields.get(key)
    if (told.has(place)) continue
    const dataClasses = carried.get(place) ?? []
    if (former === undefined) {
      if (isNews(before, message, field))
        told.set(place, { kind: 'field-new', side, field, after: type, dataClasses })
    } else if (isOtherType(former.type, type)) {
      told.set(place, {
        kind: 'field-type-changed',
        side,
        field,
        before: former.type,
        after: type,
        dataClasses,
      })
    }
  }
  const classes = is.fields
    .filter(one => !known.has(dataKey(one)) && told.get(`${one.side} ${one.field}`)?.kind !== 'field-new')
    .map(
      ({ side, field, dataClass }): News => ({
        kind: 'data-class-new',
        side,
        field,
        after: dataClass,
        dataClasses: [dataClass],
      }),
    )
  // What carries data is told before what does not, where not everything is.
  const fields = [...classes, ...told.values()].sort(
    (a, b) => (b.dataClasses?.length ?? 0) - (a.dataClasses?.length ?? 0) || compare(placeOf(a), placeOf(b)),
  )
  return [...fields.slice(0, mostFieldChanges), ...newBodies(was, is, before, after)]
}

function newBodies(was: Endpoint, is: Endpoint, before: FieldTypes, after: FieldTypes): readonly News[] {
  const groups = new Set(Object.keys(was.statuses).map(status => `${status.slice(0, 1)}xx`))
  const bodies: News[] = []
  for (const message of after.messages) {
    if (before.messages.has(message)) continue
    const [side, ...rest] = message.split(' ')
    const mediaType = rest.at(-1) ?? ''
    // An answer with a status that was never given is told by its status.
    if (side === 'response' && !groups.has(rest[0] ?? '')) continue
    const own = side === 'request' ? 'request' : 'response'
    bodies.push({ kind: 'body-new', side: own, after: mediaType, dataClasses: is.dataClasses[own] })
  }
  const once = new Map(bodies.map(body => [`${body.side} ${body.after}`, body]))
  return [...once.values()]
}

/** A message that is new brings its fields with it, and a map its keys: neither makes news of each field. */
function isNews(before: FieldTypes, message: string, field: string): boolean {
  if (message !== '' && !before.messages.has(message)) return false
  for (let dot = field.lastIndexOf('.'); ; dot = field.lastIndexOf('.', dot - 1)) {
    const above = dot < 0 ? '' : field.slice(0, dot + 1)
    if (before.fields.has(`${message} ${above}*`)) return false
    if (dot <= 0) break
  }
  if (field !== '*' && !field.includes('.*') && !field.startsWith('*')) return true
  // Properties that turned out to be the keys of a map were known by their names.
  const above = `${message} ${field.slice(0, field.indexOf('*'))}`
  for (const key of before.fields.keys()) if (key.startsWith(above)) return false
  return true
}

/** Learning what an always-null or unseen value is no change of type. */
const isOtherType = (before: string, after: string): boolean =>
  before !== after && before !== '' && before !== 'null' && after !== ''

function carriedBy(fields: readonly DataField[]): ReadonlyMap<string, readonly string[]> {
  const carried = new Map<string, string[]>()
  for (const { side, field, dataClass } of fields) {
    const place = `${side} ${field}`
    carried.set(place, [...(carried.get(place) ?? []), dataClass].sort())
  }
  return carried
}

const dataKey = ({ side, field, dataClass }: DataField): string => `${side} ${field} ${dataClass}`
const placeOf = ({ side, field, after }: News): string => `${side} ${field} ${after}`
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byKindAndField = (a: CatalogChange, b: CatalogChange): number =>
  changeKinds.indexOf(a.kind) - changeKinds.indexOf(b.kind) || compare(placeOf(a), placeOf(b))
