import { type ApiCall, type Headers, headerOf } from '../../call/api-call.ts'
import type { Content } from '../../call/content.ts'
import { readParts } from '../../call/protocols/index.ts'
import type { ClassRegistry } from '../data-classes/registry/class-registry.ts'
import { standardClasses } from '../data-classes/registry/standard.ts'
import type { Endpoint } from '../endpoint.ts'
import {
  fixedTexts,
  namesIn,
  type TemplateSegment,
  templateSegments,
  valuesBetween,
} from '../placeholders.ts'
import { splitPath } from '../templates/path.ts'
import { ClassedFields } from './classed-fields.ts'
import type { MaskedExample, Pair } from './example.ts'
import { knowBody, maskedBody } from './masked-body.ts'
import { Masker } from './masker.ts'
import { isShownHeader, schemeOf } from './shown-header.ts'

export type { MaskedExample, Pair } from './example.ts'

/** Pairs of a query and of headers that are shown, and characters of each name and value. */
const maxPairs = 16
const maxText = 96
const maxPath = 1_024

/**
 * One call of an endpoint, masked. Values of fields with a data class show their first two and last two characters, secrets and
 * short values nothing, and stand nowhere else in the example either (values of four to 1,024 characters, the first 200 of a call).
 * About 16,000 characters at most where letters are plain, 24,000 whatever they are: lists are cut to three entries, texts and trees by size, each with a note.
 *
 * @param call as stored: secrets are redacted already
 * @param endpoint the one that the call belongs to, with the fields that were learned
 * @param classes where classes are looked up; without it among the built-in ones
 */
export function maskedExample(
  call: ApiCall,
  endpoint: Endpoint,
  classes: ClassRegistry = standardClasses,
): MaskedExample {
  const own = partOf(call, endpoint)
  const part = own ?? call
  const request = new ClassedFields(endpoint.fields, 'request', own === undefined)
  const response = new ClassedFields(endpoint.fields, 'response', own === undefined)
  const masker = new Masker(classes)
  const path = pathOf(part, endpoint)
  know(part, path, request, response, masker)
  const responseHeaders = part.response?.headers ?? []
  const requestBody = maskedBody(
    part.request.content,
    part.request.bodySize,
    mediaTypeOf(part.request.headers, part.request.content, masker),
    request,
    masker,
  )
  const responseBody =
    part.response === undefined
      ? undefined
      : maskedBody(
          part.response.content,
          part.response.bodySize,
          mediaTypeOf(responseHeaders, part.response.content, masker),
          response,
          masker,
        )
  const example = {
    call: call.id,
    time: call.time,
    method: masker.text(call.request.method, 32),
    path: maskedPath(path, request, masker),
    query: maskedPairs('query', part.request.query, request, masker),
    headers: maskedPairs('header', part.request.headers.filter(isShownHeader), request, masker),
    ...(requestBody === undefined ? {} : { requestBody }),
    ...(part.response === undefined ? {} : { status: part.response.status }),
    responseHeaders: maskedPairs('header', responseHeaders.filter(isShownHeader), response, masker),
    ...(responseBody === undefined ? {} : { responseBody }),
  }
  return { ...example, masked: masker.masked }
}

/**
 * Of a call that carries operations the part that the endpoint is about: its fields are named as there. Undefined where none goes by
 * the operation's name, as of a persisted query whose text is not in the call.
 */
function partOf(call: ApiCall, endpoint: Endpoint): ApiCall | undefined {
  const mark = endpoint.id.indexOf('#')
  if (mark < 0) return call
  const name = endpoint.id.slice(mark + 1)
  return readParts(call).find(({ operation }) => operation.name === name)?.call
}

/** A piece of a path: fixed text, or the value of a placeholder. */
interface PathPart {
  readonly text: string
  readonly name?: string
}

/** The pieces of each segment. A path that the template does not fit is not shown: nothing says where its values are. */
function pathOf(call: ApiCall, endpoint: Endpoint): readonly (readonly PathPart[])[] {
  const segments = splitPath(call.request.path)
  const template = templateSegments(endpoint.template)
  const parts =
    segments?.length === template.length
      ? template.map((one, index) => partsOf(one, segments[index] ?? ''))
      : [undefined]
  return parts.includes(undefined)
    ? template.map(({ text }) => [{ text }])
    : (parts as readonly (readonly PathPart[])[])
}

function partsOf(template: TemplateSegment, text: string): readonly PathPart[] | undefined {
  if (template.placeholder === undefined) return template.text === text ? [{ text }] : undefined
  const names = namesIn(template.text)
  const fixed = fixedTexts(template.text)
  const values = valuesBetween(text, fixed)
  if (values === undefined) return undefined
  return fixed.flatMap((piece, index): PathPart[] => {
    const name = names[index]
    return name === undefined ? [{ text: piece }] : [{ text: piece }, { text: values[index] ?? '', name }]
  })
}

function know(
  call: ApiCall,
  path: readonly (readonly PathPart[])[],
  request: ClassedFields,
  response: ClassedFields,
  masker: Masker,
): void {
  const parameter = (place: string, value: string, fields: ClassedFields): void => {
    const dataClass = fields.ofParameter(place)
    if (dataClass !== undefined) masker.know(value, dataClass)
  }
  for (const { name, text } of path.flat()) if (name !== undefined) parameter(`path:${name}`, text, request)
  for (const [name, value] of call.request.query) parameter(`query:${name}`, value, request)
  for (const [name, value] of call.request.headers) parameter(`header:${name}`, value, request)
  knowBody(call.request.content, request, masker)
  if (call.response !== undefined) knowBody(call.response.content, response, masker)
}

function maskedPath(path: readonly (readonly PathPart[])[], fields: ClassedFields, masker: Masker): string {
  const piece = ({ text, name }: PathPart): string => {
    const dataClass =
      name === undefined ? undefined : (fields.ofParameter(`path:${name}`) ?? masker.classBy(name, text))
    return dataClass === undefined ? masker.text(text, maxText) : masker.value(text, dataClass)
  }
  const whole = `/${path.map(parts => parts.map(piece).join('')).join('/')}`
  return whole.length > maxPath ? `${whole.slice(0, maxPath)}…` : whole
}

function maskedPairs(
  place: 'query' | 'header',
  pairs: Headers,
  fields: ClassedFields,
  masker: Masker,
): readonly Pair[] {
  const shown = pairs.slice(0, maxPairs).map(([name, value]): Pair => {
    const told = masker.text(name, maxText)
    const scheme = place === 'header' ? schemeOf(name, value) : undefined
    if (scheme !== undefined) return [told, scheme]
    const dataClass = fields.ofParameter(`${place}:${name}`) ?? masker.classBy(name, value)
    return [
      told,
      dataClass === undefined ? masker.text(value, maxText, fields) : masker.value(value, dataClass),
    ]
  })
  return pairs.length > maxPairs ? [...shown, ['…', `${pairs.length - maxPairs} more`]] : shown
}

function mediaTypeOf(headers: Headers, content: Content, masker: Masker): string {
  const written = headerOf(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (written !== '') return masker.text(written, maxText)
  return content.kind === 'json' ? 'application/json' : '?'
}
