import { fnv1a } from '../../src/kit/hash.ts'
import { dayOf } from './calendar.ts'
import type { Stream } from './stream.ts'

/** What a client is by its software: its agent, the order of its headers, its TLS handshake. */
export interface Device {
  readonly id: string
  readonly kind: 'browser' | 'app' | 'program'
  readonly ja4: string
  readonly http: '1.1' | '2'
  /** Headers in the order this software sends them, without those of one request. `host` is where it stands in that order. */
  headers(time: number, host: string): readonly (readonly [string, string])[]
}

const hex12 = (text: string): string =>
  (fnv1a(text).toString(16).padStart(8, '0') + fnv1a(text, 7).toString(16).padStart(8, '0')).slice(0, 12)

const ja4 = (prefix: string, stack: string): string =>
  `${prefix}_${hex12(`${stack} ciphers`)}_${hex12(`${stack} extensions`)}`

const languages: readonly (readonly [string, number])[] = [
  ['de-DE,de;q=0.9,en;q=0.7', 6],
  ['en-US,en;q=0.9', 3],
  ['fr-FR,fr;q=0.9,en;q=0.6', 1],
  ['tr-TR,tr;q=0.9,en;q=0.5', 1],
]

/** The day of the epoch on which this machine gets a browser's next version: releases are four weeks apart, machines lag up to six days. */
const release = (time: number, base: number, lag: number): number =>
  base + Math.floor((dayOf(time) - lag - 20_500) / 28)

/** A browser that updates itself. */
export function browser(stream: Stream, id: string): Device {
  const lag = stream.int(0, 6)
  const language = stream.weighted(languages)
  const family = stream.weighted([
    ['chrome-windows', 5],
    ['chrome-mac', 2],
    ['edge', 2],
    ['firefox', 2],
    ['safari', 2],
    ['chrome-linux', 1],
  ])
  const accept = 'application/json, text/plain, */*'
  if (family === 'firefox') {
    const system = stream.pick([
      'Windows NT 10.0; Win64; x64',
      'Macintosh; Intel Mac OS X 10.15',
      'X11; Linux x86_64',
    ])
    return {
      id,
      kind: 'browser',
      ja4: ja4('t13d1715h2', 'firefox'),
      http: '2',
      headers: (time, host) => {
        const version = release(time, 140, lag)
        return [
          ['host', host],
          ['user-agent', `Mozilla/5.0 (${system}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`],
          ['accept', accept],
          ['accept-language', language],
          ['accept-encoding', 'gzip, deflate, br, zstd'],
        ]
      },
    }
  }
  if (family === 'safari') {
    const minor = stream.int(1, 4)
    return {
      id,
      kind: 'browser',
      ja4: ja4('t13d2014h2', 'safari'),
      http: '2',
      headers: (_, host) => [
        ['host', host],
        ['accept', accept],
        ['accept-language', language],
        ['accept-encoding', 'gzip, deflate, br'],
        [
          'user-agent',
          `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.${minor} Safari/605.1.15`,
        ],
      ],
    }
  }
  const system =
    family === 'chrome-mac'
      ? 'Macintosh; Intel Mac OS X 10_15_7'
      : family === 'chrome-linux'
        ? 'X11; Linux x86_64'
        : 'Windows NT 10.0; Win64; x64'
  const platform = family === 'chrome-mac' ? '"macOS"' : family === 'chrome-linux' ? '"Linux"' : '"Windows"'
  return {
    id,
    kind: 'browser',
    ja4: ja4('t13d1516h2', 'chromium'),
    http: '2',
    headers: (time, host) => {
      const version = release(time, 138, lag)
      const brand = family === 'edge' ? `"Microsoft Edge";v="${version}"` : `"Google Chrome";v="${version}"`
      const tail = family === 'edge' ? ` Edg/${version}.0.0.0` : ''
      return [
        ['host', host],
        ['sec-ch-ua', `"Chromium";v="${version}", ${brand}, "Not.A/Brand";v="99"`],
        ['sec-ch-ua-mobile', '?0'],
        ['sec-ch-ua-platform', platform],
        [
          'user-agent',
          `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36${tail}`,
        ],
        ['accept', accept],
        ['accept-encoding', 'gzip, deflate, br, zstd'],
        ['accept-language', language],
      ]
    },
  }
}

/** When the application's own app gets a version: everybody within a week of it. */
export interface AppRelease {
  readonly name: string
  readonly day: number
}

/** The application's own app on a phone. */
export function phoneApp(stream: Stream, id: string, app: AppRelease): Device {
  const updated = app.day + Math.min(7, Math.floor(stream.exponential(1.8)))
  const version = (time: number): string => (dayOf(time) >= updated ? '5.3.0' : '5.2.1')
  const language = stream.weighted(languages).slice(0, 5)
  if (stream.chance(0.5)) {
    const model = stream.pick(['SM-S936B', 'Pixel 9', '24129PN74G', 'CPH2653', 'XQ-EC54'])
    const android = stream.int(13, 16)
    return {
      id,
      kind: 'app',
      ja4: ja4('t13d1613h2', 'okhttp'),
      http: '2',
      headers: (time, host) => [
        ['accept', 'application/json'],
        ['accept-language', language],
        ['x-app-version', version(time)],
        ['host', host],
        ['accept-encoding', 'gzip'],
        ['user-agent', `${app.name}/${version(time)} (Android ${android}; ${model}) okhttp/5.1.0`],
      ],
    }
  }
  const model = `iPhone${stream.int(13, 18)},${stream.int(1, 4)}`
  const ios = `19.${stream.int(0, 4)}`
  return {
    id,
    kind: 'app',
    ja4: ja4('t13d2014h2', 'cfnetwork'),
    http: '2',
    headers: (time, host) => [
      ['host', host],
      ['accept', 'application/json'],
      ['x-app-version', version(time)],
      ['accept-language', language],
      ['accept-encoding', 'gzip, deflate, br'],
      ['user-agent', `${app.name}/${version(time)} (${model}; iOS ${ios}) CFNetwork/3826 Darwin/25.0.0`],
    ],
  }
}

/** A browser on a phone. */
export function phoneBrowser(stream: Stream, id: string): Device {
  const lag = stream.int(0, 6)
  const language = stream.weighted(languages)
  if (stream.chance(0.5)) {
    const ios = `19_${stream.int(0, 4)}`
    return {
      id,
      kind: 'browser',
      ja4: ja4('t13d2014h2', 'safari'),
      http: '2',
      headers: (_, host) => [
        ['host', host],
        ['accept', 'application/json, text/plain, */*'],
        ['accept-language', language],
        ['accept-encoding', 'gzip, deflate, br'],
        [
          'user-agent',
          `Mozilla/5.0 (iPhone; CPU iPhone OS ${ios} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1`,
        ],
      ],
    }
  }
  return {
    id,
    kind: 'browser',
    ja4: ja4('t13d1516h2', 'chromium'),
    http: '2',
    headers: (time, host) => {
      const version = release(time, 138, lag)
      return [
        ['host', host],
        ['sec-ch-ua', `"Chromium";v="${version}", "Google Chrome";v="${version}", "Not.A/Brand";v="99"`],
        ['sec-ch-ua-mobile', '?1'],
        ['sec-ch-ua-platform', '"Android"'],
        [
          'user-agent',
          `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Mobile Safari/537.36`,
        ],
        ['accept', 'application/json, text/plain, */*'],
        ['accept-encoding', 'gzip, deflate, br, zstd'],
        ['accept-language', language],
      ]
    },
  }
}

const programs = {
  python: { agent: 'python-requests/2.32.5', ja4: ja4('t13d1813h1', 'python'), http: '1.1' },
  httpx: { agent: 'python-httpx/0.28.1', ja4: ja4('t13d1813h2', 'python'), http: '2' },
  go: { agent: 'Go-http-client/2.0', ja4: ja4('t13d1312h2', 'go'), http: '2' },
  node: { agent: 'node', ja4: ja4('t13d5212h1', 'node'), http: '1.1' },
  curl: { agent: 'curl/8.14.1', ja4: ja4('t13d3112h2', 'curl'), http: '2' },
  java: { agent: 'Java-http-client/21.0.8', ja4: ja4('t13d4312h2', 'java'), http: '2' },
} as const

export type ProgramName = keyof typeof programs

/** A script or a service. `agent` in place of the library's own. */
export function program(name: ProgramName, id: string, agent?: string): Device {
  const { ja4: fingerprint, http, agent: own } = programs[name]
  const pairs = (host: string): readonly (readonly [string, string])[] =>
    name === 'python'
      ? [
          ['host', host],
          ['user-agent', agent ?? own],
          ['accept-encoding', 'gzip, deflate'],
          ['accept', '*/*'],
          ['connection', 'keep-alive'],
        ]
      : name === 'node'
        ? [
            ['host', host],
            ['connection', 'keep-alive'],
            ['accept', '*/*'],
            ['accept-language', '*'],
            ['sec-fetch-mode', 'cors'],
            ['user-agent', agent ?? own],
            ['accept-encoding', 'gzip, deflate'],
          ]
        : [
            ['host', host],
            ['user-agent', agent ?? own],
            ['accept', name === 'java' ? 'application/json' : '*/*'],
            ['accept-encoding', 'gzip'],
          ]
  return { id, kind: 'program', ja4: fingerprint, http, headers: (_, host) => pairs(host) }
}

/** What people who write scripts use. */
export const someProgram = (stream: Stream, id: string): Device =>
  program(
    stream.weighted([
      ['python', 5],
      ['httpx', 1],
      ['go', 2],
      ['node', 2],
      ['curl', 1],
    ]),
    id,
  )
