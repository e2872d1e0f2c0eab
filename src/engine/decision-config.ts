import { z } from 'zod'

const port = z.number().int().min(0).max(65_535)

const enabled = (what: string) =>
  z
    .union([z.boolean(), z.literal('auto')])
    .default('auto')
    .describe(`${what}. auto: where the port is free; true: tries again until it is; false: never.`)

const token = z
  .string()
  .min(16)
  .optional()
  .describe('Bearer token that proxies must give; better set in the environment.')

/** `decisionPoints` of the configuration: where proxies and applications ask what may pass. */
export const decisionPointsSchema = z
  .strictObject({
    envoy: z
      .strictObject({
        enabled: enabled("Answers Envoy's ext_proc and ext_authz"),
        host: z.string().default('127.0.0.1').describe('Address that Envoy asks at.'),
        port: port.default(4601).describe('Port that Envoy asks at; 0 takes a free one.'),
        token,
        windowBytes: z
          .number()
          .int()
          .min(1024)
          .max(16_777_216)
          .default(65_536)
          .describe('Bytes of each body that are looked at; of longer ones the first.'),
        bodies: z
          .enum(['all', 'needed'])
          .default('all')
          .describe(
            'all: learns from every body that Envoy is set up to send; needed: asks it for those only that policies read.',
          ),
        observeChecks: z
          .boolean()
          .default(true)
          .describe(
            'Learns from what ext_authz asks about. Off where ext_proc, access logs or traces tell of the same calls.',
          ),
      })
      .prefault({}),
    forwardAuth: z
      .strictObject({
        enabled: enabled('Answers nginx, Caddy, Traefik, HAProxy, and applications'),
        host: z.string().default('127.0.0.1').describe('Address that they ask at.'),
        port: port.default(4602).describe('Port that they ask at; 0 takes a free one.'),
        trustedProxies: z
          .array(z.string())
          .default(['127.0.0.0/8', '::1'])
          .describe('Addresses and ranges of the proxies whose word about a request is taken.'),
        token: z
          .string()
          .min(16)
          .optional()
          .describe(
            'Bearer token of the decision API; better set in the environment. Without one the file decision-token of the data folder holds one, made at the first start.',
          ),
        observe: z
          .enum(['all', 'refused', 'none'])
          .default('all')
          .describe(
            'Which requests that proxies ask about become calls. refused: where a mirror or a log tells of those that pass.',
          ),
        bodyBytes: z
          .number()
          .int()
          .min(1024)
          .max(1_048_576)
          .default(65_536)
          .describe('Bytes of each body that are looked at; of longer ones the first.'),
      })
      .prefault({}),
  })
  .prefault({})

export type DecisionPointsConfig = z.infer<typeof decisionPointsSchema>
