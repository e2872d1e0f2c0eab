import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import { nearest } from '../../kit/nearest.ts'
import { criticalities } from '../criticalities.ts'
import type { Criticality } from '../criticality.ts'
import { parsePin } from '../directions/parse-pin.ts'
import type { TemplatePin } from '../directions/template-pin.ts'
import { parseHostPattern } from '../hosts/host-pattern.ts'
import type { FlowStep } from './labels.ts'
import { readYaml, type YamlDocument } from './yaml-document.ts'

/** Bounds of the file; a longer one is refused. */
export const catalogFileLimits = {
  bytes: 1 << 20,
  rules: 1_000,
  flows: 200,
  steps: 50,
  pins: 1_000,
  hosts: 100,
} as const

/** Which endpoints a rule is about: all that is given must hold, of a list one. */
export interface LabelMatch {
  /** `api.shop.example`, `*.shop.example`, `{tenant}.shop.example`. */
  readonly host?: readonly string[]
  /** In the language of endpoint patterns: `/payments/**`, `/orders/{orderId}`, `/files/*.pdf`. */
  readonly path?: readonly string[]
  /** Upper case. */
  readonly method?: readonly string[]
  /** Operations of GraphQL, gRPC and the like, by name; `*` stands for anything: `mutation:*`. */
  readonly operation?: readonly string[]
  /** Ids of protocols: `rest`, `graphql`, `grpc`, …; `ai` for language models and their tools. */
  readonly protocol?: readonly string[]
  /** `namespace/name`; `*` stands for anything: `shop/*`. */
  readonly workload?: readonly string[]
  /** Labels of a workload that answered. */
  readonly labels?: Readonly<Record<string, string>>
  /** Ids of data classes found in its requests or answers. */
  readonly dataClass?: readonly string[]
  /** Tags of its operation in a specification. */
  readonly tag?: readonly string[]
}

/** What a rule says of the endpoints it matches. */
export interface LabelSet {
  readonly owner?: string
  readonly environment?: string
  readonly group?: string
  readonly tags?: readonly string[]
  readonly criticality?: Criticality['name']
}

export interface LabelRule {
  readonly name: string
  /** Name of the file it stands in. */
  readonly file: string
  readonly match: LabelMatch
  readonly set: LabelSet
}

export interface FlowStepRule {
  readonly name: string
  /** `POST /cart/items`, `POST api.shop.example/payments`, `* /orders/{orderId}`. */
  readonly endpoint: string
  readonly value?: NonNullable<FlowStep['value']>
}

/** A business flow: what a customer comes for, in steps. */
export interface Flow {
  readonly name: string
  readonly file: string
  readonly steps: readonly FlowStepRule[]
  /** What one passage of the whole is worth, where no step says it. */
  readonly value?: { readonly currency: string; readonly amount: number }
}

/** What `catalog.yaml` says. */
export interface CatalogFile {
  readonly rules: readonly LabelRule[]
  readonly flows: readonly Flow[]
  readonly pins: readonly TemplatePin[]
  /** `{tenant}.shop.example`: hosts that are one API. */
  readonly hosts: readonly string[]
}

const text = z.string().trim().min(1).max(128)
const word = z.string().trim().min(1).max(80)
/** One or a list of them. */
const some = (one: z.ZodType<string>) =>
  z.preprocess(value => (Array.isArray(value) ? value : [value]), z.array(one).min(1).max(100))
const path = z
  .string()
  .max(1_024)
  .regex(/^\/\S*$/, { error: 'must be a path such as /payments/**' })
const currency = z.string().regex(/^[A-Z]{3}$/, { error: 'must be a code of ISO 4217 such as EUR' })
const amount = z.number().min(0).max(1e15)
const field = z
  .string()
  .max(512)
  .regex(/^(?:request|response):\S.*$/, {
    error: 'must be a field such as request:amount or response:order.total',
  })

const ruleSchema = z.strictObject({
  name: word,
  match: z
    .strictObject({
      host: some(text).optional(),
      path: some(path).optional(),
      method: some(
        z.string().regex(/^[A-Za-z]{1,32}$/, { error: 'must be a method such as POST' }),
      ).optional(),
      operation: some(text).optional(),
      protocol: some(text).optional(),
      workload: some(text).optional(),
      labels: z.record(z.string().min(1).max(128), z.string().max(128)).optional(),
      dataClass: some(text).optional(),
      tag: some(text).optional(),
    })
    .default({}),
  set: z.strictObject({
    owner: word.optional(),
    environment: word.optional(),
    group: word.optional(),
    tags: z.array(word).max(20).optional(),
    criticality: z.string().optional(),
  }),
})

const stepSchema = z.strictObject({
  name: word,
  endpoint: z
    .string()
    .max(1_024)
    .regex(/^(?:(?:[A-Za-z]{1,32}|\*)\s{1,8})?[^\s/]{0,253}\/\S*$/, {
      error: 'must be METHOD /path or METHOD host/path',
    }),
  value: z
    .strictObject({
      currency,
      amount: amount.optional(),
      field: field.optional(),
      minorUnits: z.boolean().optional(),
    })
    .refine(value => value.amount !== undefined || value.field !== undefined, {
      error: 'needs an amount or the field that says it',
    })
    .optional(),
})

const fileSchema = z.strictObject({
  rules: z.array(ruleSchema).max(catalogFileLimits.rules).default([]),
  flows: z
    .array(
      z.strictObject({
        name: word,
        steps: z.array(stepSchema).min(1).max(catalogFileLimits.steps),
        value: z.strictObject({ currency, amount }).optional(),
      }),
    )
    .max(catalogFileLimits.flows)
    .default([]),
  hosts: z.array(text).max(catalogFileLimits.hosts).default([]),
  pins: z
    .array(z.strictObject({ host: text, template: path }))
    .max(catalogFileLimits.pins)
    .default([]),
})

type Written = z.infer<typeof fileSchema>
type Path = readonly PropertyKey[]

/**
 * Reads `catalog.yaml`: `rules`, `flows`, `hosts` and `pins`, each optional.
 *
 * @param file its name, for messages and for the reason of a label
 * @throws SallyportError `config/invalid` with `file:line:column`, and the nearest word that was meant
 */
export function parseCatalogFile(source: string, file: string): CatalogFile {
  if (source.length > catalogFileLimits.bytes)
    throw new SallyportError('config/invalid', 'The catalog file is longer than 1 MiB.', {
      where: file,
      mend: 'Leave out what is not used.',
    })
  const document = readYaml(source, file, 'catalog file')
  const read = fileSchema.safeParse(document.value ?? {})
  if (!read.success) throw refusal(read.error.issues[0], document)
  const refuse = (message: string, at: Path, mend: string): never => {
    throw new SallyportError('config/invalid', message, { where: document.at(at), mend })
  }
  checkNames('rules', read.data.rules, refuse)
  checkNames('flows', read.data.flows, refuse)
  return {
    rules: read.data.rules.map((rule, index) => ruleOf(rule, file, index, refuse)),
    flows: read.data.flows.map(flow => ({
      name: flow.name,
      file,
      steps: flow.steps.map(({ name, endpoint, value }) => ({
        name,
        endpoint,
        ...(value === undefined ? {} : { value: given(value) }),
      })),
      ...(flow.value === undefined ? {} : { value: flow.value }),
    })),
    hosts: read.data.hosts.map((host, index) => hostOf(host, ['hosts', index], refuse)),
    pins: read.data.pins.map((pin, index) => pinOf(pin, index, refuse)),
  }
}

type Refuse = (message: string, at: Path, mend: string) => never

function checkNames(
  list: 'rules' | 'flows',
  entries: readonly { readonly name: string }[],
  refuse: Refuse,
): void {
  const seen = new Set<string>()
  entries.forEach(({ name }, index) => {
    if (seen.has(name))
      refuse(`The name "${name}" is used twice.`, [list, index, 'name'], 'Give each its own name.')
    seen.add(name)
  })
}

function ruleOf(rule: Written['rules'][number], file: string, index: number, refuse: Refuse): LabelRule {
  const { name, match, set } = rule
  const at: Path = ['rules', index]
  if (Object.values(set).every(value => value === undefined))
    refuse(
      `The rule "${name}" sets nothing.`,
      [...at, 'set'],
      'It can set owner, environment, group, tags and criticality.',
    )
  const { criticality } = set
  if (criticality !== undefined && !isCriticality(criticality)) {
    const meant = nearest(criticality, criticalities)
    refuse(
      `There is no criticality "${criticality}".`,
      [...at, 'set', 'criticality'],
      meant === undefined ? `It is one of ${criticalities.join(', ')}.` : `Did you mean "${meant}"?`,
    )
  }
  for (const host of match.host ?? []) if (host.includes('{')) hostOf(host, [...at, 'match', 'host'], refuse)
  return {
    name,
    file,
    match: given({
      ...match,
      host: match.host?.map(host => host.toLowerCase()),
      method: match.method?.map(method => method.toUpperCase()),
      protocol: match.protocol?.map(protocol => protocol.toLowerCase()),
    }),
    set: given({ ...set, criticality: criticality as Criticality['name'] | undefined }),
  }
}

const isCriticality = (text: string): text is Criticality['name'] =>
  (criticalities as readonly string[]).includes(text)

function hostOf(host: string, at: Path, refuse: Refuse): string {
  const pattern = parseHostPattern(host)
  if (pattern === undefined || pattern.names.length === 0)
    return refuse(`"${host}" is not a host pattern.`, at, 'Write it as {tenant}.shop.example.')
  return pattern.text
}

function pinOf({ host, template }: Written['pins'][number], index: number, refuse: Refuse): TemplatePin {
  try {
    const pin = parsePin(host, template)
    return { id: `file:${pin.host}${pin.template}`, ...pin }
  } catch (thrown) {
    const { message, where, mend } = SallyportError.from(thrown)
    const key = where === 'host' ? 'host' : 'template'
    return refuse(message, ['pins', index, key], mend ?? 'See the guide to ownership.')
  }
}

function refusal(issue: z.core.$ZodIssue | undefined, document: YamlDocument): SallyportError {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])]
  const name = path.map(String).join('.')
  if (unknown !== undefined) {
    const known = keysAt(issue?.path ?? [])
    const meant = nearest(unknown, known)
    return new SallyportError('config/invalid', `The catalog file knows no "${name}".`, {
      where: document.at(path),
      mend: meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
    })
  }
  return new SallyportError(
    'config/invalid',
    path.length === 0
      ? 'The catalog file is not a mapping.'
      : `In the catalog file "${name}" is not valid: ${issue?.message ?? 'unreadable'}.`,
    { where: document.at(path), mend: 'See the guide to ownership.' },
  )
}

/** The keys that may stand at a place of the file. */
function keysAt(path: Path): readonly string[] {
  let at: unknown = fileSchema
  for (const key of path) {
    at = inner(at)
    if (at instanceof z.ZodArray) at = at.element
    else if (at instanceof z.ZodObject) at = (at.shape as Record<string, unknown>)[String(key)]
    else return []
  }
  at = inner(at)
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

const inner = (schema: unknown): unknown =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? inner(schema.unwrap()) : schema

type Given<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> }

/** Without the keys that hold nothing. */
function given<Value extends object>(
  value: Value,
): Given<Value> & { [Key in RequiredKeys<Value>]: Value[Key] } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never
}

type RequiredKeys<Value> = {
  [Key in keyof Value]-?: undefined extends Value[Key] ? never : Key
}[keyof Value]
