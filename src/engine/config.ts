import { existsSync, readFileSync } from 'node:fs'
import { isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { SallyportError } from '../kit/error.ts'
import { nearest } from '../kit/nearest.ts'
import { budgetsSchema } from './budgets-config.ts'
import { decisionPointsSchema } from './decision-config.ts'
import { enforcementSchema } from './enforcement-config.ts'
import { gatewaySchema } from './gateway-config.ts'
import { sensorsSchema } from './sensor-config.ts'

const port = z.number().int().min(0).max(65_535)

/**
 * The whole of `sallyport.yaml`. Every key has a default; the descriptions are the reference's text and each key can be
 * set as `SALLYPORT_<PATH>` (`gateway.upstream` → `SALLYPORT_GATEWAY_UPSTREAM`).
 */
export const configSchema = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default('.sallyport')
    .describe('Where state, calls and the installation key live.'),
  gateway: gatewaySchema,
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address of the console and the REST API.'),
      port: port.default(4600).describe('Port of the console and the REST API; 0 takes a free one.'),
      allowedHosts: z
        .array(z.string())
        .default([])
        .describe('Further names under which the console may be called.'),
    })
    .prefault({}),
  calls: z
    .strictObject({
      driver: z
        .enum(['auto', 'chdb', 'clickhouse', 'memory'])
        .default('auto')
        .describe('auto takes chdb where it runs and memory elsewhere, and says so.'),
      url: z.string().optional().describe('Of a ClickHouse server, for the clickhouse driver.'),
      username: z.string().default('default').describe('At the ClickHouse server.'),
      password: z.string().default('').describe('At the ClickHouse server; better set in the environment.'),
      retentionDays: z
        .number()
        .int()
        .min(1)
        .max(3_650)
        .default(30)
        .describe('Calls older than this are forgotten.'),
      memoryLimit: z
        .number()
        .int()
        .min(1_000)
        .default(100_000)
        .describe('Calls the memory driver holds; the oldest go first.'),
    })
    .prefault({}),
  redaction: z
    .strictObject({
      bodies: z
        .enum(['redacted', 'none'])
        .default('redacted')
        .describe('redacted keeps bodies without their secrets; none keeps their size only.'),
      fields: z.array(z.string()).default([]).describe('Further field names whose values are replaced.'),
      jwtKeys: z
        .string()
        .optional()
        .describe('File with a JWKS, PEM or shared secret that JWTs are verified with.'),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      warmUpCalls: z
        .number()
        .int()
        .min(0)
        .max(5_000_000)
        .default(200_000)
        .describe('Calls read back from the store at start, so that a restart forgets nothing it learned.'),
      learn: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Recordings that say what is normal, read at a start that has nothing learned yet; nothing is raised from them.',
        ),
      ringBytes: z
        .number()
        .int()
        .min(65_536)
        .max(1_073_741_824)
        .default(16_777_216)
        .describe('Room between a gateway loop and analysis; what does not fit is dropped and counted.'),
      detectors: z
        .record(z.string(), z.record(z.string(), z.number()))
        .default({})
        .describe('Options by detector id; see the detector reference.'),
      addresses: z
        .array(
          z.strictObject({
            network: z.string().min(1).describe('CIDR or single address.'),
            name: z.string().exactOptional().describe('What people call it.'),
            kind: z
              .enum(['office', 'vpn', 'hosting', 'mobile'])
              .exactOptional()
              .describe('Who comes through vpn, hosting or mobile may be anywhere.'),
            country: z.string().length(2).exactOptional().describe('ISO 3166-1 alpha-2.'),
            latitude: z.number().min(-90).max(90).exactOptional().describe('Degrees, north positive.'),
            longitude: z.number().min(-180).max(180).exactOptional().describe('Degrees, east positive.'),
            asn: z.number().int().min(1).exactOptional().describe('Number of the autonomous system.'),
          }),
        )
        .default([])
        .describe('Where addresses are, for impossible travel and programs elsewhere: ranges of your own.'),
      addressFile: z
        .string()
        .min(1)
        .optional()
        .describe('CSV file of more ranges; its first line names the columns: network, country, latitude ….'),
      disabled: z.array(z.string()).default([]).describe('Ids of detectors that stay silent.'),
      exceptions: z
        .record(z.string(), z.array(z.string()))
        .default({})
        .describe(
          'By detector id, names it does not speak of: principals, workloads, hosts, credentials …; a star at the end stands for any text.',
        ),
    })
    .prefault({}),
  decisionPoints: decisionPointsSchema,
  sensors: sensorsSchema,
  enforcement: enforcementSchema,
  budgets: budgetsSchema,
  dataClasses: z
    .string()
    .optional()
    .describe('YAML file of data classes besides the built-in ones; see the guide to data classes.'),
  catalog: z
    .string()
    .optional()
    .describe('YAML file of owners, business flows, pins and host patterns; see the guide to ownership.'),
  policies: z
    .string()
    .optional()
    .describe('Folder of policy files applied at start; files win over what is stored.'),
})

export type Config = z.infer<typeof configSchema>

/**
 * Reads `file` (if given), then the environment's `SALLYPORT_…` keys over it.
 * @throws SallyportError `config/invalid` naming file, line, column and the nearest valid key.
 */
export function loadConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const fallback = existsSync('sallyport.yaml') ? 'sallyport.yaml' : undefined
  const chosen = file ?? fallback
  const fromFile = chosen === undefined ? {} : readConfigFile(chosen)
  const merged = structuredClone(fromFile) as Record<string, unknown>
  for (const [name, path] of environmentKeys()) {
    const value = environment[name]
    if (value !== undefined) assign(merged, path, readEnvironmentValue(value))
  }
  return check(merged, issue => ({ where: issue.path.length === 0 ? 'configuration' : issue.path.join('.') }))
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

function check(value: unknown, locate: (issue: Issue) => { where: string }): Config {
  const result = configSchema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue === undefined) throw new SallyportError('config/invalid', 'The configuration is not valid.')
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = unknown === undefined ? issue.path : [...issue.path, unknown]
  const { where } = locate({ path })
  if (unknown !== undefined) {
    const candidates = keysAt(issue.path)
    const meant = nearest(unknown, candidates)
    throw new SallyportError('config/invalid', `There is no setting "${path.join('.')}".`, {
      where,
      mend: meant === undefined ? `Known here: ${candidates.join(', ')}.` : `Did you mean "${meant}"?`,
    })
  }
  if (issue.code === 'invalid_value') {
    const given = issue.path.reduce<unknown>(
      (at, key) => (at as Readonly<Record<PropertyKey, unknown>>)[key],
      value,
    )
    const meant = nearest(String(given), issue.values.map(String))
    if (meant !== undefined)
      throw new SallyportError(
        'config/invalid',
        `The setting "${path.join('.')}" cannot be ${JSON.stringify(given).slice(0, 80)}.`,
        { where, mend: `Did you mean "${meant}"?` },
      )
  }
  throw new SallyportError(
    'config/invalid',
    `The setting "${path.join('.')}" is not valid: ${issue.message}.`,
    {
      where,
      mend: 'Correct the value, or leave the key out to take its default.',
    },
  )
}

function readConfigFile(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', `The configuration file cannot be read.`, {
      where: file,
      mend: 'Check the path given with --config.',
      cause,
    })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const fault = document.errors[0]
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0])
    throw new SallyportError(
      'config/invalid',
      `The configuration is not YAML: ${fault.message.split('\n')[0]}`,
      {
        where: `${file}:${line}:${col}`,
        mend: 'Correct the YAML at that place.',
      },
    )
  }
  const value: unknown = document.toJS({ maxAliasCount: 16 }) ?? {}
  check(value, ({ path }) => ({ where: `${file}${positionOf(document, path, lines)}` }))
  return value
}

/** `:line:column` of the key or item at `path`, or of the nearest parent that exists. */
function positionOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly PropertyKey[],
  lines: LineCounter,
): string {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
      continue
    const item: unknown = typeof key === 'number' ? parent.items[key] : undefined
    if (isScalar(item) && item.range) {
      const { line, col } = lines.linePos(item.range[0])
      return `:${line}:${col}`
    }
    for (const item of parent.items as readonly { key?: unknown }[]) {
      if (isScalar(item.key) && item.key.value === key && item.key.range) {
        const { line, col } = lines.linePos(item.key.range[0])
        return `:${line}:${col}`
      }
    }
  }
  return ''
}

type Shape = { readonly [key: string]: unknown }

/** The object shape inside defaults and optionals, or undefined for a leaf. */
function shapeOf(schema: unknown): Shape | undefined {
  if (schema instanceof z.ZodObject) return schema.shape as Shape
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return shapeOf(schema.unwrap())
  }
  return undefined
}

function keysAt(path: readonly PropertyKey[]): string[] {
  let shape: Shape | undefined = configSchema.shape as Shape
  for (const key of path) shape = shape === undefined ? undefined : shapeOf(shape[String(key)])
  return shape === undefined ? [] : Object.keys(shape)
}

/** Every leaf of the schema as the environment spells it. */
export function environmentKeys(): readonly (readonly [name: string, path: readonly string[]])[] {
  const found: [string, string[]][] = []
  const walk = (shape: Shape, path: readonly string[]): void => {
    for (const [key, schema] of Object.entries(shape)) {
      const inner = shapeOf(schema)
      const here = [...path, key]
      if (inner === undefined) found.push([`SALLYPORT_${here.map(snakeCase).join('_')}`, here])
      else walk(inner, here)
    }
  }
  walk(configSchema.shape as Shape, [])
  return found
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()

/** Environment values are YAML scalars or flow collections: `8080`, `[10.0.0.0/8]`, `text`. */
function readEnvironmentValue(text: string): unknown {
  const document = parseDocument(text)
  return document.errors.length > 0 ? text : (document.toJS() as unknown)
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let here = target
  for (const key of path.slice(0, -1)) {
    const next = here[key]
    if (typeof next !== 'object' || next === null) here[key] = {}
    here = here[key] as Record<string, unknown>
  }
  here[path.at(-1) as string] = value
}
