import { z } from 'zod'
import { lineFormatIds } from '../sensors/files/line-reader.ts'

const port = z.number().int().min(0).max(65_535)

const token = z
  .string()
  .min(16)
  .optional()
  .describe('Bearer token that senders must give; better set in the environment.')
const texts = z.array(z.string().min(1))
const file = z.string().min(1).optional()

/** A listener of which nothing is started unless it is spoken of. */
const listener = (what: string) =>
  z
    .strictObject({
      host: z.string().default('127.0.0.1').describe(`Address that ${what} on.`),
      port: port.describe('Port; 0 takes a free one.'),
      token,
    })
    .optional()

const security = {
  caFile: file.describe("File with the authorities that the server's certificate is checked with (PEM)."),
  certFile: file.describe('File with our own certificate (PEM).'),
  keyFile: file.describe('File with its key (PEM).'),
  user: z.string().optional().describe('Whom to sign in as.'),
  passwordFile: file.describe('File with the password.'),
}

const lines = {
  from: z.enum(['all', 'new']).default('all').describe('Where reading begins the first time.'),
  formats: z
    .array(z.enum(lineFormatIds))
    .min(1)
    .optional()
    .describe('Ids of the formats that are read; every one when absent.'),
}

const mirrorToken = token.describe('Value of X-Mirror-Token that senders must give.')

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
    kubernetes: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe('Reads and watches the objects of a cluster: workloads, services, routes, rights.'),
        kubeconfig: file.describe(
          "File; when absent KUBECONFIG, then the user's, then the pod's own account.",
        ),
        context: z.string().optional().describe('Context of the kubeconfig; its current one when absent.'),
        cluster: z.string().optional().describe('What the cluster is called in names of workloads.'),
        namespaces: texts.optional().describe('Only these, where nothing cluster-wide may be listed.'),
      })
      .prefault({}),
    pcap: z
      .strictObject({
        interface: z
          .string()
          .min(1)
          .describe('Network interface to capture on with tcpdump; any is all of them.'),
        filter: z.string().optional().describe('Filter as in pcap-filter(7); all TCP when absent.'),
        command: z.string().default('tcpdump').describe('The program, by name or path.'),
      })
      .optional(),
    mirror: z
      .strictObject({
        host: z.string().default('127.0.0.1').describe('Address that copies of requests are taken on.'),
        port: port.describe('Port; 0 takes a free one.'),
        token: mirrorToken,
      })
      .optional(),
    envoy: listener('the access log service of Envoy listens'),
    runtime: listener('events of Falco, KubeArmor and Tetragon are taken'),
    cloud: listener('records of cloud audit logs are taken'),
    nats: z
      .strictObject({
        servers: texts.default(['nats://127.0.0.1:4222']).describe('URLs of the servers.'),
        stream: z.string().min(1).describe('JetStream stream to read; it is there already.'),
        durable: z.string().default('sallyport').describe('Name of the durable consumer.'),
        subjects: texts.default(['>']).describe('Subjects within the stream.'),
        credentialsFile: file.describe('A .creds file.'),
        tokenFile: file.describe('File with a token.'),
        ...lines,
        ...security,
      })
      .optional(),
    kafka: z
      .strictObject({
        brokers: texts.default(['127.0.0.1:9092']).describe('host:port of some brokers.'),
        topics: texts.describe('Topics to read.'),
        group: z.string().default('sallyport').describe('Consumer group.'),
        tls: z.boolean().default(false).describe('Speaks TLS.'),
        mechanism: z
          .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
          .default('SCRAM-SHA-512')
          .describe('How to sign in.'),
        ...lines,
        ...security,
      })
      .optional(),
  })
  .prefault({})

export type SensorsConfig = z.infer<typeof sensorsSchema>
