import { connect } from 'node:http2'
import {
  checkPath,
  checkRequest,
  processingRequest,
  processPath,
  requestHead,
  responseHead,
} from '../../../src/sensors/envoy/filter-fixture.ts'
import { framed } from '../../../src/sensors/envoy/fixture.ts'

/** Calls one candidate for some seconds over two connections with sixteen calls under way on each; says how many were answered. */
const [, , port, workload, seconds] = process.argv
const connections = 2
const underWay = 16

const headers = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
  accept: 'application/json',
  'accept-language': 'en-GB,en;q=0.9',
  authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl',
  'x-forwarded-for': '192.0.2.7',
  'x-request-id': '3481cd00-74dc-4c43-a5af-744fce768da5',
}
const kilobyte = JSON.stringify({
  items: Array.from({ length: 24 }, (_, id) => ({ id, name: `an item with the number ${id}` })),
}).slice(0, 1_024)
const check = (body: string): Buffer =>
  framed(
    checkRequest({
      attributes: {
        source: { address: { socket_address: { address: '192.0.2.7', port_value: 5_000 } } },
        destination: { address: { socket_address: { address: '10.0.0.5', port_value: 8_080 } } },
        request: {
          http: {
            method: body === '' ? 'GET' : 'POST',
            path: '/orders/7?expand=lines',
            host: 'shop.example',
            protocol: 'HTTP/1.1',
            size: body.length,
            headers: {
              ...headers,
              ...(body === ''
                ? {}
                : { 'content-length': String(body.length), 'content-type': 'application/json' }),
            },
            body,
          },
        },
      },
    }),
  )
const modes = { protocol_config: { request_body_mode: 3, response_body_mode: 3 } }
const head = framed(processingRequest({ ...requestHead(headers), ...modes }))
const messages: Readonly<Record<string, readonly Buffer[]>> = {
  check: [check('')],
  'check-body': [check(kilobyte)],
  process: [head],
  'process-3': [
    head,
    framed(processingRequest(responseHead({ 'content-type': 'application/json', 'content-length': '1024' }))),
    framed(processingRequest({ response_body: { body: Buffer.from(kilobyte), end_of_stream: true } })),
  ],
}
const sent = messages[workload!]
if (sent === undefined) throw new Error(`there is no workload ${workload}`)
const path = workload!.startsWith('check') ? checkPath : processPath

let done = 0
let wrong = 0
const until = performance.now() + Number(seconds) * 1_000
await Promise.all(
  Array.from({ length: connections }, async () => {
    const session = connect(`http://127.0.0.1:${port}`)
    await Promise.all(
      Array.from({ length: underWay }, async () => {
        while (performance.now() < until) await call(session)
      }),
    )
    session.close()
  }),
)
process.stdout.write(`${JSON.stringify({ done, wrong })}\n`)

/** As Envoy does: a message is sent when the one before was answered. */
function call(session: ReturnType<typeof connect>): Promise<void> {
  return new Promise(resolve => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let next = 1
    stream.on('data', () => {
      if (next < sent!.length) stream.write(sent![next++])
      else if (next++ === sent!.length) stream.end()
    })
    stream.on('trailers', trailers => {
      if (trailers['grpc-status'] !== '0') wrong += 1
    })
    stream.on('error', () => {
      wrong += 1
    })
    stream.on('close', () => {
      done += 1
      resolve()
    })
    if (path === checkPath) {
      next = sent!.length + 1
      stream.end(sent![0])
    } else stream.write(sent![0])
  })
}
