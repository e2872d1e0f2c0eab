import { LineCounter, type Node, type ParsedNode, parseAllDocuments } from 'yaml'
import { criticalities } from '../catalog/criticalities.ts'
import {
  matchKeys,
  type PolicyDocument,
  type PolicyExpectation,
  type PolicyMatch,
  type PolicyProblem,
  type PolicyRollout,
  type PolicyTest,
  policyApiVersion,
  policyKind,
  rolloutBounds,
  type WrittenExpression,
} from './document.ts'
import { actionTypes, type PolicyAction, type PolicyMode } from './facts.ts'
import { NodeReader, scalarOffset } from './node-reader.ts'
import { readAction } from './read-action.ts'

export type { PolicyDocument, PolicyProblem } from './document.ts'
export { formatProblem } from './format-problem.ts'
export { quarantineBounds } from './read-action.ts'

/** Longest source that is read, in characters. */
export const maxSourceLength = 1 << 20

/** Everything a test of a policy can expect. */
export const expectations: readonly PolicyExpectation[] = ['pass', ...actionTypes]

/** `monitor` is what shadow was called before. */
const modes = ['shadow', 'canary', 'enforce', 'monitor'] as const
const exposures = ['external', 'internal', 'unknown'] as const

const defaultReason: Readonly<Record<PolicyAction['type'], string>> = {
  allow: 'Permitted by an exception.',
  block: 'This request is not permitted.',
  challenge: 'This request needs further proof.',
  strip: 'Fields were taken out of this request.',
  mask: 'Fields of this answer are hidden.',
  observe: 'Noted by policy.',
  throttle: 'Too many requests. Try again later.',
  quarantine: 'This account is suspended pending review.',
  tag: 'Marked by policy.',
}

/**
 * Policies out of YAML, several documents to a text. What cannot be read is a problem with its place, never an
 * exception; a document with an error is left out of `policies`.
 */
export function parsePolicies(
  source: string,
  file: string,
): { readonly policies: readonly PolicyDocument[]; readonly problems: readonly PolicyProblem[] } {
  const lines = new LineCounter()
  const reader = new NodeReader(file, lines, source)
  if (source.length > maxSourceLength) {
    reader.report('error', `The file is longer than ${maxSourceLength} characters.`, { line: 1, column: 1 })
    return { policies: [], problems: reader.problems }
  }
  const policies: PolicyDocument[] = []
  const names = new Set<string>()
  try {
    const documents = parseAllDocuments(source, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      maxAliasCount: 0,
    } as never)
    if (!Array.isArray(documents)) return { policies, problems: reader.problems }
    let start = 0
    for (const document of documents) {
      const end = document.range?.[2] ?? source.length
      const text = source
        .slice(start, end)
        .replace(/^(?:\s*---[^\S\n]*(?:\n|$))+/, '')
        .replace(/\n(?:---|\.\.\.)\s*$/, '\n')
      start = end
      if (document.errors.length > 0) {
        for (const error of document.errors.slice(0, 20)) {
          const { line, col } = lines.linePos(error.pos[0])
          reader.report('error', `The YAML cannot be read: ${sentence(error.message)}`, {
            line: Math.max(1, line),
            column: Math.max(1, col),
          })
        }
        continue
      }
      if (document.contents === null) continue
      const before = reader.problems.length
      const policy = readDocument(reader, document.contents as ParsedNode, text)
      if (policy === undefined || reader.problems.slice(before).some(({ severity }) => severity === 'error'))
        continue
      if (names.has(policy.name)) {
        reader.report(
          'error',
          `The name "${policy.name}" is used twice.`,
          policy.position,
          'Give each policy its own name.',
        )
        continue
      }
      names.add(policy.name)
      policies.push(policy)
    }
  } catch {
    reader.report('error', 'The YAML cannot be read.', { line: 1, column: 1 })
  }
  return { policies, problems: reader.problems }
}

function sentence(message: string): string {
  const line = message.split('\n')[0]!.trim()
  return /[.!?]$/.test(line) ? line : `${line}.`
}

function readDocument(reader: NodeReader, root: ParsedNode, source: string): PolicyDocument | undefined {
  const top = reader.entries(root, 'the policy', ['apiVersion', 'kind', 'metadata', 'spec'])
  const required = (entries: ReturnType<NodeReader['entries']>, name: string, what: string, parent: Node) => {
    const entry = entries.get(name)
    if (entry === undefined) reader.error(`${what} has no "${name}".`, parent)
    return entry
  }
  const version = required(top, 'apiVersion', 'The policy', root)
  if (version !== undefined) reader.oneOf(version.value, 'apiVersion', [policyApiVersion])
  const kind = required(top, 'kind', 'The policy', root)
  if (kind !== undefined) reader.oneOf(kind.value, 'kind', [policyKind])

  const metadataEntry = required(top, 'metadata', 'The policy', root)
  const specEntry = required(top, 'spec', 'The policy', root)
  if (metadataEntry === undefined || specEntry === undefined) return undefined

  const metadata = reader.entries(metadataEntry.value, 'metadata', ['name', 'labels'], metadataEntry.key)
  const nameEntry = required(metadata, 'name', 'metadata', metadataEntry.key)
  const name =
    nameEntry === undefined ? undefined : reader.text(nameEntry.value, 'metadata.name', nameEntry.key)
  if (name !== undefined && !/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)) {
    reader.error(
      `The name "${name}" is not valid.`,
      nameEntry!.value,
      'Use lower-case letters, digits, dots and hyphens, at most 63.',
    )
  }
  const labels: [string, string][] = []
  const labelsEntry = metadata.get('labels')
  if (labelsEntry !== undefined) {
    for (const [key, { key: keyNode, value }] of reader.entries(
      labelsEntry.value,
      'metadata.labels',
      undefined,
      labelsEntry.key,
    )) {
      const text = reader.text(value, `The label ${key}`, keyNode)
      if (text !== undefined) labels.push([key, text])
    }
  }

  const spec = reader.entries(specEntry.value, 'spec', specKeys, specEntry.key)
  const optional = <Value>(
    key: string,
    read: (value: ParsedNode | null, key: Node) => Value | undefined,
  ): Value | undefined => {
    const entry = spec.get(key)
    return entry === undefined ? undefined : read(entry.value, entry.key)
  }
  const expression = (value: ParsedNode | null, what: string, key: Node): WrittenExpression | undefined => {
    const text = reader.text(value, what, key)
    if (text === undefined) return undefined
    const at = reader.position(value)
    const { offset, inline } = scalarOffset(value)
    const indent = reader.blockColumn(value)
    return {
      text,
      position: { line: at.line, column: at.column + offset },
      inline: inline && !text.includes('\n'),
      ...(indent === undefined ? {} : { indent }),
    }
  }
  const actionEntry = required(spec, 'action', 'spec', specEntry.key)
  const read =
    actionEntry === undefined ? undefined : readAction(reader, actionEntry.value, actionEntry.key, expression)
  const phase = optional('phase', value =>
    reader.oneOf(value, 'phase', ['request', 'response', 'flow'] as const),
  )
  const match = optional('match', (value, key) => readMatch(reader, value, key)) ?? {}
  const written = optional('mode', value => reader.oneOf(value, 'mode', modes)) ?? 'shadow'
  const mode: PolicyMode = written === 'monitor' ? 'shadow' : written
  const percent = optional('canary', (value, key) => readCanary(reader, value, key))
  if (mode === 'canary' && percent === undefined && !spec.has('canary'))
    reader.error(
      'The mode canary needs "canary".',
      spec.get('mode')!.value,
      'Write canary: { percent: 5, seed: principal }.',
    )
  const rollout = optional('rollout', (value, key) => readRollout(reader, value, key))
  const priority = optional('priority', value => reader.integer(value, 'priority', -1000, 1000)) ?? 0
  const owner =
    optional('owner', (value, key) => reader.text(value, 'owner', key)) ??
    labels.find(([label]) => label === 'owner')?.[1]
  const onError =
    optional('onError', value => reader.oneOf(value, 'onError', ['allow', 'deny'] as const)) ?? 'allow'
  const reason = optional('reason', (value, key) => reader.text(value, 'reason', key))
  if (reason !== undefined && reason.length > 200)
    reader.error('The reason is longer than 200 characters.', spec.get('reason')!.value)
  const expiresAt = optional('expiresAt', (value, key) => {
    const text = reader.text(value, 'expiresAt', key)
    if (text === undefined) return undefined
    const time = /^\d{4}-\d{2}-\d{2}(?:[Tt ][\d:.]+(?:[Zz]|[+-]\d{2}:\d{2}))?$/.test(text)
      ? Date.parse(text)
      : Number.NaN
    return Number.isNaN(time)
      ? reader.error(
          `expiresAt is "${text}", which is not a date.`,
          value,
          'Write 2026-12-31 or 2026-12-31T18:00:00Z.',
        )
      : time
  })
  const when = optional('when', (value, key) => expression(value, 'when', key))
  const tests =
    optional('tests', value => reader.items(value, 'tests').map(item => readTest(reader, item))) ?? []
  if (name === undefined || read === undefined) return undefined
  const { action, key, cost, fields } = read
  if (action.type === 'allow' && (owner === undefined || expiresAt === undefined))
    reader.error(
      'An exception needs an owner and an end.',
      actionEntry?.value,
      'Give spec.owner and spec.expiresAt.',
    )
  return {
    name,
    labels: Object.fromEntries(labels),
    source,
    position: reader.position(root),
    ...(phase === undefined ? {} : { phase }),
    match,
    ...(owner === undefined ? {} : { owner }),
    ...(when === undefined ? {} : { when }),
    action,
    ...(key === undefined ? {} : { key }),
    ...(cost === undefined ? {} : { cost }),
    ...(fields === undefined ? {} : { fields }),
    mode,
    ...(percent === undefined || mode !== 'canary' ? {} : { percent }),
    ...(rollout === undefined ? {} : { rollout }),
    priority,
    onError,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    reason: reason ?? defaultReason[action.type],
    tests: tests.filter(test => test !== undefined),
  }
}

/** Keys of `spec`. */
const specKeys = [
  'owner',
  'phase',
  'match',
  'when',
  'action',
  'mode',
  'canary',
  'rollout',
  'priority',
  'onError',
  'expiresAt',
  'reason',
  'tests',
]
function readCanary(reader: NodeReader, node: ParsedNode | null, key: Node): number | undefined {
  const entries = reader.entries(node, 'canary', ['percent', 'seed'], key)
  const seed = entries.get('seed')
  if (seed !== undefined) reader.oneOf(seed.value, 'canary.seed', ['principal'] as const)
  const percent = entries.get('percent')
  if (percent === undefined) return reader.error('canary has no "percent".', node ?? key, 'Write percent: 5.')
  return reader.number(percent.value, 'canary.percent', 0.01, 100)
}

function readRollout(reader: NodeReader, node: ParsedNode | null, key: Node): PolicyRollout {
  const numbers = ['shadowMinutes', 'shadowCalls', 'canaryMinutes'] as const
  const entries = reader.entries(
    node,
    'rollout',
    ['steps', 'stepMinutes', ...numbers, 'automaticRollback'],
    key,
  )
  const read = <Value>(name: string, how: (value: ParsedNode | null) => Value | undefined) => {
    const entry = entries.get(name)
    const value = entry && how(entry.value)
    return value === undefined ? {} : { [name]: value }
  }
  const list = (value: ParsedNode | null, what: string, one: (item: ParsedNode) => number | undefined) => {
    const items = reader.items(value, what)
    if (items.length > rolloutBounds.steps)
      return reader.error(`${what} has more than ${rolloutBounds.steps} entries.`, value)
    return items.flatMap(item => one(item) ?? [])
  }
  const { minutes, calls } = rolloutBounds
  return {
    ...read('steps', value =>
      list(value, 'rollout.steps', item => reader.number(item, 'An entry of rollout.steps', 0.1, 100)),
    ),
    ...read('stepMinutes', value =>
      list(value, 'rollout.stepMinutes', item =>
        reader.integer(item, 'An entry of rollout.stepMinutes', 0, minutes),
      ),
    ),
    ...Object.assign(
      {},
      ...numbers.map(name =>
        read(name, value =>
          reader.integer(value, `rollout.${name}`, 0, name === 'shadowCalls' ? calls : minutes),
        ),
      ),
    ),
    ...read('automaticRollback', value => reader.flag(value, 'rollout.automaticRollback')),
  }
}

function readMatch(reader: NodeReader, node: ParsedNode | null, key: Node): PolicyMatch {
  const entries = reader.entries(node, 'match', matchKeys, key)
  const list = (name: string): string[] | undefined => {
    const entry = entries.get(name)
    return entry === undefined ? undefined : reader.texts(entry.value, `match.${name}`)
  }
  const ofThese = (name: string, words: readonly string[]): readonly string[] | undefined => {
    const entry = entries.get(name)
    if (entry === undefined) return undefined
    return reader
      .items(entry.value, `match.${name}`)
      .flatMap(item => reader.oneOf(item, `An entry of match.${name}`, words) ?? [])
  }
  const hosts = list('hosts')?.map(host => host.toLowerCase())
  const methods = list('methods')?.map(method => method.toUpperCase())
  const endpoints = list('endpoints')
  for (const endpoint of endpoints ?? []) {
    if (!/^(?:[A-Za-z*]+\s+)?\/[^\s#]*(?:#[^\s#]+)?$/.test(endpoint)) {
      reader.error(
        `"${endpoint}" is not an endpoint.`,
        entries.get('endpoints')!.value,
        'Write METHOD /path, e.g. "GET /orders/{orderId}", "* /admin/**" or "POST /graphql#mutation:*".',
      )
    }
  }
  const rest = Object.entries({
    principals: list('principals'),
    roles: list('roles'),
    workloads: list('workloads'),
    services: list('services'),
    dataClasses: list('dataClasses'),
    exposure: ofThese('exposure', exposures),
    criticality: ofThese('criticality', criticalities),
  }).filter(([, entries]) => entries !== undefined)
  return {
    ...(hosts === undefined ? {} : { hosts }),
    ...(methods === undefined ? {} : { methods }),
    ...(endpoints === undefined ? {} : { endpoints }),
    ...(Object.fromEntries(rest) as Omit<PolicyMatch, 'hosts' | 'methods' | 'endpoints'>),
  }
}

function readTest(reader: NodeReader, node: ParsedNode): PolicyTest | undefined {
  const entries = reader.entries(node, 'a test', ['name', 'input', 'expect'])
  const name = reader.text(entries.get('name')?.value, 'The name of a test', node)
  const expectEntry = entries.get('expect')
  if (expectEntry === undefined)
    return reader.error('A test has no "expect".', node, `It is one of ${expectations.join(', ')}.`)
  const expect = reader.oneOf(expectEntry.value, 'expect', expectations)
  const inputEntry = entries.get('input')
  const input = inputEntry === undefined ? {} : reader.plain(inputEntry.value, 'input')
  if (input === null || typeof input !== 'object' || Array.isArray(input))
    return reader.error('The input of a test must be a mapping.', inputEntry?.value)
  return name === undefined || expect === undefined
    ? undefined
    : { name, input: input as Record<string, unknown>, expect }
}
