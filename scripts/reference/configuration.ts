import { stringify } from 'yaml'
import { z } from 'zod'
import { detectors } from '../../src/detect/detectors/index.ts'
import { configSchema, environmentKeys } from '../../src/engine/config.ts'
import { block, code, page, prose, table } from './markdown.ts'

/** The part of JSON Schema that a setting's schema uses. */
interface SettingSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly SettingSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: SettingSchema
  readonly properties?: Readonly<Record<string, SettingSchema>>
}

/** One setting: its path, how the environment spells it, and what it takes. */
export interface Setting {
  readonly path: readonly string[]
  readonly environment: string
  readonly schema: SettingSchema
}

const asJson = z.toJSONSchema(configSchema, { io: 'input' }) as SettingSchema

/** Every setting of the schema, in its order. */
export const settings = (): readonly Setting[] =>
  environmentKeys().map(([environment, path]) => {
    let schema: SettingSchema = asJson
    for (const key of path) {
      const next = schema.properties?.[key]
      if (next === undefined) throw new TypeError(`the schema has no ${path.join('.')}`)
      schema = next
    }
    return { path, environment, schema }
  })

function values({ type, const: only, anyOf, enum: choices, minimum, maximum, items }: SettingSchema): string {
  if (anyOf !== undefined) return anyOf.map(values).join(', or ')
  if (only !== undefined) return code(String(only))
  if (choices !== undefined) return choices.map(choice => code(String(choice))).join(', ')
  if (type === 'array') return `list of ${items?.type ?? 'values'}`
  if (type === 'object') return 'mapping'
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  if (minimum !== undefined)
    return bounded ? `${type}, ${minimum} to ${maximum}` : `${type}, at least ${minimum}`
  return type ?? 'any'
}

const fallback = (value: unknown): string => (value === undefined ? 'none' : code(JSON.stringify(value)))

/** The file that says what holds without one. */
function defaults(): string {
  const tree = configSchema.parse({})
  return stringify(tree)
}

/** A value of `analysis.detectors` that holds: one option of one detector. */
function detectorExample(): string {
  const [{ id, options } = { id: '', options: {} }] = detectors
  const [[name, option] = ['', { default: 0 }]] = Object.entries(options)
  return `{${id}: {${name}: ${option.default}}}`
}

/** `configuration.md`: every setting, from the schema that checks it. */
export const configurationPage = (): string =>
  page(
    'Configuration',
    '`src/engine/config.ts`',
    `${code('sallyport.yaml')} in the working directory, or the file given with ${code('--config')}. Every setting has a default and can be given in
the environment instead, which wins over the file. Values in the environment are YAML: ${code('8080')}, ${code('[10.0.0.0/8]')},
${code(detectorExample())}. A key that does not exist or a value that is not valid is refused at start, naming file, line,
column and the nearest key.`,
    table(
      ['setting', 'environment', 'values', 'default', 'what it is'],
      settings().map(({ path, environment, schema }) => [
        code(path.join('.')),
        code(environment),
        values(schema),
        fallback(schema.default),
        prose(schema.description ?? ''),
      ]),
    ),
    '## The defaults as a file',
    block('yaml', defaults()),
  )
