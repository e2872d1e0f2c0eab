import type { ApiCall, CallResponse } from '../api-call.ts'
import type { Content, Json } from '../content.ts'
import type { Glance } from './glance.ts'
import { type Conflict, type Operation, type OperationPart, operationName } from './operation.ts'
import { defineProtocol } from './protocol.ts'
import { nounOf, referencesIn, signsIn } from './references.ts'
import { parseXml, type XmlElement, xmlToJson } from './xml.ts'

/** Enough to see the envelope's tag behind a declaration and comments. */
const opening = 1_024

const hasEnvelope = (content: Content): boolean =>
  content.kind === 'text' && /<(?:[\w.-]{1,64}:)?Envelope[\s>]/.test(content.text.slice(0, opening))

const child = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find(each => each.name === name)

/** The first element of the envelope's body. */
function bodyOf(content: Content): XmlElement | undefined {
  if (content.kind !== 'text') return undefined
  const envelope = parseXml(content.text)
  return envelope?.name === 'Envelope' ? child(envelope, 'Body')?.children[0] : undefined
}

/** SOAP 1.1: the header of that name; 1.2: the media type's `action`. Without quotes; empty when absent. */
function actionOf({ soapAction, type }: Glance, call: ApiCall): string {
  const unquoted = (text: string): string => text.trim().replace(/^"|"$/g, '')
  if (soapAction !== undefined) return unquoted(soapAction)
  if (!type.includes('action=')) return ''
  const header = call.request.headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  const found = /action="([^"]{0,512})"/i.exec(header) ?? /action=([^;\s"]{1,512})/i.exec(header)
  return found?.[1] ?? ''
}

/** The last word of an action: `http://shop.example/orders/GetOrder` and `urn:shop#GetOrder` are `GetOrder`. */
const wordOf = (action: string): string =>
  action.slice(Math.max(action.lastIndexOf('/'), action.lastIndexOf('#'), action.lastIndexOf(':')) + 1)

/** `GetOrderRequest` and `GetOrder` are one. */
const stem = (name: string): string => name.replace(/(?:Request|Input|In|Message|Msg|Rq)$/, '').toLowerCase()

const read = /^(?:get|list|find|fetch|read|query|search|count|lookup|retrieve|check)/i
const write =
  /^(?:create|update|delete|remove|set|add|put|insert|cancel|send|submit|place|approve|modify|register)/i

function partsOf(call: ApiCall, glance: Glance): readonly OperationPart[] {
  const element = bodyOf(call.request.content)
  const action = actionOf(glance, call)
  const named = element?.name ?? wordOf(action)
  if (named === '') return []
  // A server that dispatches by the header does something else than one that reads the body.
  const said = wordOf(action)
  const conflicts: readonly Conflict[] =
    element !== undefined && said !== '' && stem(said) !== stem(element.name)
      ? [{ at: 'header:soapaction', says: operationName(action), body: operationName(element.name) }]
      : []
  const answer = call.response === undefined ? undefined : bodyOf(call.response.content)
  const fault = answer?.name === 'Fault'
  const args = element === undefined ? undefined : xmlToJson(element)
  const operation: Operation = {
    protocol: 'soap',
    name: operationName(named),
    kind: read.test(named) ? 'read' : write.test(named) ? 'write' : 'unknown',
    objects: signsIn(named) ? [] : referencesIn(args, nounOf(stemmed(named)) ?? 'record'),
    ...(conflicts.length === 0 ? {} : { conflicts }),
    ...(fault ? { failed: true } : {}),
    ...(element === undefined ? { truncated: true } : {}),
  }
  return [{ operation, call: shown(call, element, args, answer, fault) }]
}

const stemmed = (name: string): string => name.replace(/(?:Request|Input)$/, '')

/** The call with its messages as JSON, so that fields have names; a fault is an error. */
function shown(
  call: ApiCall,
  element: XmlElement | undefined,
  args: Json | undefined,
  answer: XmlElement | undefined,
  fault: boolean,
): ApiCall {
  const request =
    element === undefined || args === undefined
      ? call.request
      : { ...call.request, content: { kind: 'json' as const, value: { [element.name]: args } } }
  if (answer === undefined) return { ...call, request }
  const value = xmlToJson(answer)
  const response = call.response as CallResponse
  return {
    ...call,
    request,
    response: {
      ...response,
      content: { kind: 'json', value: fault ? { error: value } : { [answer.name]: value } },
    },
  }
}

const envelope = (body: string): string =>
  `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>${body}</soap:Body></soap:Envelope>`

/** SOAP 1.1 and 1.2 over HTTP. */
export const soap = defineProtocol({
  id: 'soap',
  title: 'SOAP',
  endpoints: 'operation',
  recognise: (call, { soapAction, type }) =>
    (call.request.content.kind === 'text' || soapAction !== undefined) &&
    call.request.method === 'POST' &&
    ((soapAction !== undefined && type.includes('xml')) ||
      type.startsWith('application/soap+xml') ||
      (type.includes('xml') && hasEnvelope(call.request.content))),
  operations: (call, glance) => partsOf(call, glance).map(({ operation }) => operation),
  parts: partsOf,
  examples: [
    {
      title: 'SOAP 1.1 with an action',
      request: {
        method: 'POST',
        target: '/services/orders',
        headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"http://shop.example/GetOrder"' },
        body: envelope('<m:GetOrder xmlns:m="http://shop.example"><m:orderId>5</m:orderId></m:GetOrder>'),
      },
      operations: ['GetOrder'],
      objects: ['order:5'],
    },
    {
      title: 'SOAP 1.2, the action in the media type',
      request: {
        method: 'POST',
        target: '/services/orders',
        headers: { 'content-type': 'application/soap+xml; action="urn:shop#CancelOrder"' },
        body: envelope('<CancelOrderRequest><id>o-7</id></CancelOrderRequest>'),
      },
      operations: ['CancelOrderRequest'],
      objects: ['order:o-7'],
    },
    {
      title: 'a body that could not be read',
      request: {
        method: 'POST',
        target: '/services/orders',
        headers: { 'content-type': 'text/xml', soapaction: 'urn:shop:ListOrders' },
        body: 'nothing',
      },
      operations: ['ListOrders'],
    },
  ],
})
