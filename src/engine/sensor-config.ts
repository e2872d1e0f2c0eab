import { z } from 'zod'

const port = z.number().int().min(0).max(65_535)

/** `sensors` of the configuration: what listens or asks for context beside the request path. */
export const sensorsSchema = z
  .strictObject({
    ringBytes: z
      .number()
      .int()
      .min(65_536)
      .max(1_073_741_824)
      .default(16_777_216)
      .describe('Room between the sensors and analysis; what does not fit is dropped and counted.'),
    otlp: z
      .strictObject({
        enabled: z
          .union([z.boolean(), z.literal('auto')])
          .default('auto')
          .describe(
            'Receives OpenTelemetry traces. auto: where both ports are free; true: tries again until they are; false: never.',
          ),
        host: z.string().default('127.0.0.1').describe('Address that traces are received on.'),
        httpPort: port.default(4318).describe('Port for OTLP over HTTP; 0 takes a free one.'),
        grpcPort: port.default(4317).describe('Port for OTLP over gRPC; 0 takes a free one.'),
        token: z
          .string()
          .min(16)
          .optional()
          .describe('Bearer token that senders must give; better set in the environment.'),
      })
      .prefault({}),
  })
  .prefault({})

export type SensorsConfig = z.infer<typeof sensorsSchema>
