import { Agent, type ClientRequestArgs, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** What came back from a host outside the shop. */
export interface OutboundAnswer {
  readonly status: number
  readonly text: string
}

export interface OutboundRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Outbound = (url: string, asked?: OutboundRequest) => Promise<OutboundAnswer>

const largestAnswer = 64 * 1024

/**
 * Requests to hosts outside, under their own names and addresses, answered by stand-ins on loopback: nothing real is ever contacted.
 * @param standIns Host or `*.suffix` → port on loopback; every other host is unknown.
 */
export function outboundTo(standIns: Readonly<Record<string, number>>): Outbound {
  const portOf = (host: string): number | undefined =>
    standIns[host] ?? standIns[`*${host.slice(host.indexOf('.'))}`]
  class StandInAgent extends Agent {
    override createConnection(options: ClientRequestArgs): Duplex {
      const port = portOf(options.host ?? '')
      if (port === undefined) throw new Error(`getaddrinfo ENOTFOUND ${options.host}`)
      return connect(port, '127.0.0.1')
    }
  }
  const agent = new StandInAgent({ keepAlive: false, maxSockets: 16 })
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const target = new URL(url)
      if (target.protocol !== 'http:') throw new Error(`unsupported protocol ${target.protocol}`)
      const outgoing = httpRequest(target, { agent, method, headers, timeout: 5_000 })
      outgoing.once('timeout', () => outgoing.destroy(new Error('timeout')))
      outgoing.once('error', reject)
      outgoing.once('response', async response => {
        try {
          let text = ''
          for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
            text += chunk
            if (text.length > largestAnswer) {
              response.destroy()
              break
            }
          }
          resolve({ status: response.statusCode ?? 502, text })
        } catch (thrown) {
          reject(thrown)
        }
      })
      outgoing.end(body)
    })
}
