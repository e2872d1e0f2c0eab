import { z } from 'zod'
import type { GatewayOptions } from '../sensors/gateway/gateway.ts'
import { gatewayLoops } from './gateway-loops.ts'

const url = z.url({
  protocol: /^https?$/,
  error: 'must be an http:// or https:// URL, e.g. http://127.0.0.1:3000',
})
const whole = z.number().int().min(1)
const seconds = z.number().positive().max(86_400)

/** `gateway` of the configuration. */
export const gatewaySchema = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Address the gateway listens on.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(8080)
      .describe('Port of the gateway; 0 takes a free one.'),
    upstream: url.optional().describe('The API to protect. Without it no gateway is started.'),
    upstreamCa: z
      .string()
      .min(1)
      .optional()
      .describe(
        "PEM file of the authorities that may sign an https upstream's certificate; it is always checked.",
      ),
    workers: z
      .union([z.literal('auto'), z.number().int().min(1).max(64)], {
        error: 'must be auto or a whole number from 1 to 64',
      })
      .default(1)
      .describe(
        'Event loops of the gateway, each with its own listener; auto: one less than there are cores, 16 at most.',
      ),
    trustedProxies: z.array(z.string()).default([]).describe('CIDRs whose X-Forwarded-For is believed.'),
    windowBytes: z
      .number()
      .int()
      .min(1024)
      .max(16_777_216)
      .default(65_536)
      .describe('Bytes of each body that are looked at; the rest streams through unseen.'),
    tls: z
      .strictObject({
        certificates: z
          .array(
            z.strictObject({
              certificate: z.string().min(1).describe('PEM file: the certificate, then its chain.'),
              key: z.string().min(1).describe('PEM file.'),
              names: z
                .array(z.string().min(1))
                .exactOptional()
                .describe('Default: those of the certificate.'),
            }),
          )
          .min(1)
          .describe('Certificates by the names they are shown for; the first where no name is asked for.'),
        minVersion: z
          .enum(['TLSv1.2', 'TLSv1.3'])
          .default('TLSv1.2')
          .describe('The oldest TLS that is spoken.'),
        http2: z.boolean().default(true).describe('Offer HTTP/2 besides HTTP/1.1.'),
      })
      .optional()
      .describe('Speak TLS to clients.'),
    limits: z
      .strictObject({
        connections: whole.default(10_000).describe('Client connections of one event loop at once.'),
        headerBytes: whole.min(1024).default(32_768).describe('Of a request line and its headers together.'),
        headers: whole.default(200).describe('Headers of one request.'),
        headerSeconds: seconds
          .default(10)
          .describe('For a client to send the head of a request, and for its TLS handshake.'),
        requestSeconds: seconds.default(300).describe('For a client to send a whole request.'),
        idleSeconds: seconds.default(60).describe('Without a byte either way within an exchange.'),
        keepAliveSeconds: seconds.default(65).describe('A client connection between two requests.'),
        responseSeconds: seconds.default(60).describe('For the upstream to begin its answer.'),
      })
      .prefault({}),
  })
  .prefault({})

export type GatewayConfig = z.infer<typeof gatewaySchema>

/** The options of one gateway loop. */
export function gatewayOptions(config: GatewayConfig, upstream: string): GatewayOptions {
  const { limits } = config
  return {
    host: config.host,
    port: config.port,
    upstream: new URL(upstream),
    reusePort: gatewayLoops(config.workers) > 1,
    windowBytes: config.windowBytes,
    trustedProxies: config.trustedProxies,
    maxConnections: limits.connections,
    maxHeaderBytes: limits.headerBytes,
    maxHeaderCount: limits.headers,
    headerTimeoutMs: limits.headerSeconds * 1_000,
    requestTimeoutMs: limits.requestSeconds * 1_000,
    idleTimeoutMs: limits.idleSeconds * 1_000,
    keepAliveTimeoutMs: limits.keepAliveSeconds * 1_000,
    responseTimeoutMs: limits.responseSeconds * 1_000,
    ...(config.upstreamCa === undefined ? {} : { upstreamCa: config.upstreamCa }),
    ...(config.tls === undefined ? {} : { tls: config.tls }),
  }
}
