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
      })
      .prefault({}),
  })
  .prefault({})

export type DecisionPointsConfig = z.infer<typeof decisionPointsSchema>
