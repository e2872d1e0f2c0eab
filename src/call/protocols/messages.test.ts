import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../api-call.ts'
import { exampleCall } from './example-call.ts'
import { readOperations, readParts } from './index.ts'
import { llm } from './llm.ts'
import { soap } from './soap.ts'
import { parseXml, xmlToJson } from './xml.ts'

describe('language models', () => {
  it('reads model, tools and tokens in either style, whole and streamed', () => {
    const found = llm.examples.map(example => readOperations(exampleCall(example))[0])
    expect(found.map(operation => operation?.tokens)).toEqual([
      { input: 31, output: 12 },
      { input: 9, output: 27 },
      { input: 5, output: 8 },
      undefined,
    ])
    expect(found.map(operation => operation?.called)).toEqual([
      ['find_order'],
      ['lookup'],
      undefined,
      undefined,
    ])
    expect(found.map(operation => operation?.tools)).toEqual([
      ['find_order'],
      undefined,
      undefined,
      undefined,
    ])
    expect(found.map(operation => operation?.stream ?? false)).toEqual([false, true, true, false])
  })

  it('leaves other messages alone', () => {
    const rows = [
      { target: '/api/messages', body: { model: 'x', messages: ['hello'] } },
      { target: '/cars', body: { model: 'T', year: 1908 } },
      { target: '/v1/embeddings', body: { input: 'no model' } },
    ]
    for (const { target, body } of rows)
      expect(readOperations(exampleCall({ request: { method: 'POST', target, body } }))).toEqual([])
    expect(rows.length).toBe(3)
  })
})

describe('gRPC-Web', () => {
  it('shows the status of the trailers among the headers', () => {
    const trailers = Buffer.from('grpc-status: 7\r\n')
    const head = Uint8Array.of(0x80, 0, 0, 0, trailers.length)
    const [part] = readParts(
      exampleCall({
        request: {
          method: 'POST',
          target: '/shop.Orders/GetOrder',
          headers: { 'content-type': 'application/grpc-web+proto' },
          body: Uint8Array.of(0, 0, 0, 0, 2, 0x08, 5),
        },
        response: {
          status: 200,
          headers: { 'content-type': 'application/grpc-web+proto' },
          body: Buffer.concat([head, trailers]),
        },
      }),
    )
    expect(part?.operation).toMatchObject({ name: '/shop.Orders/GetOrder', failed: true })
    expect(part?.call.response?.headers.at(-1)).toEqual(['grpc-status', '7'])
  })
})

describe('SOAP', () => {
  const envelope = (body: string): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
  const post = (action: string, body: string, answer?: string): ApiCall =>
    exampleCall({
      request: {
        method: 'POST',
        target: '/services',
        headers: { 'content-type': 'text/xml', soapaction: action },
        body: envelope(body),
      },
      ...(answer === undefined
        ? {}
        : { response: { status: 200, headers: { 'content-type': 'text/xml' }, body: envelope(answer) } }),
    })

  it('tells an action that names another operation than the body', () => {
    const rows: [action: string, body: string, conflicts: number][] = [
      ['"urn:shop/GetOrder"', '<GetOrder/>', 0],
      ['urn:shop#GetOrder', '<x:GetOrderRequest/>', 0],
      ['""', '<DeleteOrder/>', 0],
      ['urn:shop/GetOrder', '<DeleteOrder><id>1</id></DeleteOrder>', 1],
    ]
    for (const [action, body, conflicts] of rows) {
      const [operation] = readOperations(post(action, body))
      expect(operation?.conflicts?.length ?? 0).toBe(conflicts)
    }
    expect(readOperations(post('urn:shop/GetOrder', '<DeleteOrder/>'))[0]).toMatchObject({
      name: 'DeleteOrder',
      kind: 'write',
      conflicts: [{ at: 'header:soapaction', says: 'urn:shop/GetOrder', body: 'DeleteOrder' }],
    })
    expect(rows.length).toBe(4)
  })

  it('shows messages as JSON, and a fault as a failure', () => {
    const [part] = readParts(
      post(
        'urn:GetOrder',
        '<GetOrder><orderId>5</orderId></GetOrder>',
        '<r><order><owner>bob</owner></order></r>',
      ),
    )
    expect(part?.call.request.content).toEqual({ kind: 'json', value: { GetOrder: { orderId: '5' } } })
    expect(part?.call.response?.content).toEqual({ kind: 'json', value: { r: { order: { owner: 'bob' } } } })
    const [fault] = readParts(
      post('urn:GetOrder', '<GetOrder/>', '<s:Fault><faultcode>x</faultcode></s:Fault>'),
    )
    expect(fault?.operation.failed).toBe(true)
    expect(soap.examples.length).toBe(3)
  })

  it('reads XML, and no entity but those of XML itself', () => {
    const rows: [source: string, value: unknown][] = [
      ['<a>x</a>', 'x'],
      ['<a/>', ''],
      ['<a b="1" xmlns:c="d"><e>2</e><e>3</e></a>', { b: '1', e: ['2', '3'] }],
      ['<a>&lt;&#65;&#x42;&amp;amp;</a>', '<AB&amp;'],
      ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', '&x;'],
      ['<a><![CDATA[<b>&lt;</b>]]></a>', '<b>&lt;</b>'],
      ['<!-- c --><?p?><n:a><n:b>1</n:b></n:a>', { b: '1' }],
      ['<a><b>1', { b: '1' }],
      ['<a><b a=">">1</b></a>', { b: { a: '>', $: '1' } }],
      ['text', undefined],
    ]
    for (const [source, value] of rows) {
      const element = parseXml(source)
      expect(element === undefined ? undefined : xmlToJson(element), source).toEqual(value)
    }
    expect(rows.length).toBe(10)
  })
})

describe('WebSocket', () => {
  it('tells the messages a client sends by their type, where they are handed over', () => {
    const call: ApiCall = {
      ...exampleCall({ request: { method: 'GET', target: '/live', headers: { upgrade: 'websocket' } } }),
      extra: {
        webSocketMessages: [
          { type: 'send', data: '{"type":"order.watch","orderId":5}' },
          { type: 'send', data: '42["chat",{"roomId":"r-1"}]' },
          { type: 'receive', data: '{"type":"order.changed","orderId":6}' },
          { type: 'send', data: '{"type":"order.watch","orderId":6}' },
        ],
      },
    }
    expect(
      readOperations(call).map(({ name, objects }) => [name, objects.map(({ type, id }) => `${type}:${id}`)]),
    ).toEqual([
      ['connect', []],
      ['message:order.watch', ['order:5', 'order:6']],
      ['message:chat', ['room:r-1']],
    ])
  })
})
