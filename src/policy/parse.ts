import { LineCounter, type Node, type ParsedNode, parseAllDocuments } from 'yaml'
import {
  type PolicyDocument,
  type PolicyMatch,
  type PolicyProblem,
  type PolicyTest,
  policyApiVersion,
  policyKind,
} from './document.ts'
import { parseDuration } from './duration.ts'
import type { PolicyAction } from './facts.ts'
import { NodeReader, scalarOffset } from './node-reader.ts'

export type { PolicyDocument, PolicyProblem } from './document.ts'
export { formatProblem } from './format-problem.ts'

/** Longest source that is read, in characters. */
export const maxSourceLength = 1 << 20
/** Shortest and longest quarantine: a minute and thirty days, in seconds. */
export const quarantineBounds = { least: 60, most: 30 * 86_400 } as const

const defaultReason: Readonly<Record<PolicyAction['type'], string>> = {
  block: 'This request is not permitted.',
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
  const reader = new NodeReader(file, lines)
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

  const spec = reader.entries(
    specEntry.value,
    'spec',
    ['phase', 'match', 'when', 'action', 'mode', 'onError', 'expiresAt', 'reason', 'tests'],
    specEntry.key,
  )
  const optional = <Value>(
    key: string,
    read: (value: ParsedNode | null, key: Node) => Value | undefined,
  ): Value | undefined => {
    const entry = spec.get(key)
    return entry === undefined ? undefined : read(entry.value, entry.key)
  }
  const actionEntry = required(spec, 'action', 'spec', specEntry.key)
  const action =
    actionEntry === undefined ? undefined : readAction(reader, actionEntry.value, actionEntry.key)
  const phase = optional('phase', value => reader.oneOf(value, 'phase', ['request', 'response'] as const))
  const match = optional('match', (value, key) => readMatch(reader, value, key)) ?? {}
  const mode =
    optional('mode', value => reader.oneOf(value, 'mode', ['monitor', 'enforce'] as const)) ?? 'monitor'
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
  const when = optional('when', (value, key) => {
    const text = reader.text(value, 'when', key)
    if (text === undefined) return undefined
    const at = reader.position(value)
    const { offset, inline } = scalarOffset(value)
    return {
      text,
      position: { line: at.line, column: at.column + offset },
      inline: inline && !text.includes('\n'),
    }
  })
  const tests =
    optional('tests', value => reader.items(value, 'tests').map(item => readTest(reader, item))) ?? []
  if (name === undefined || action === undefined) return undefined
  return {
    name,
    labels: Object.fromEntries(labels),
    source,
    position: reader.position(root),
    ...(phase === undefined ? {} : { phase }),
    match,
    ...(when === undefined ? {} : { when }),
    action,
    mode,
    onError,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    reason: reason ?? defaultReason[action.type],
    tests: tests.filter(test => test !== undefined),
  }
}

function readMatch(reader: NodeReader, node: ParsedNode | null, key: Node): PolicyMatch {
  const entries = reader.entries(node, 'match', ['hosts', 'methods', 'endpoints', 'principals', 'roles'], key)
  const list = (name: string): string[] | undefined => {
    const entry = entries.get(name)
    return entry === undefined ? undefined : reader.texts(entry.value, `match.${name}`)
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
  const principals = list('principals')
  const roles = list('roles')
  return {
    ...(hosts === undefined ? {} : { hosts }),
    ...(methods === undefined ? {} : { methods }),
    ...(endpoints === undefined ? {} : { endpoints }),
    ...(principals === undefined ? {} : { principals }),
    ...(roles === undefined ? {} : { roles }),
  }
}

const actionKeys: Readonly<Record<PolicyAction['type'], readonly string[]>> = {
  block: ['type', 'status'],
  throttle: ['type', 'requests', 'windowSeconds'],
  quarantine: ['type', 'target', 'ttl'],
  tag: ['type'],
}

function readAction(reader: NodeReader, node: ParsedNode | null, key: Node): PolicyAction | undefined {
  const loose = reader.entries(node, 'action', [...new Set(Object.values(actionKeys).flat())], key)
  const typeEntry = loose.get('type')
  if (typeEntry === undefined)
    return reader.error(
      'action has no "type".',
      node ?? key,
      'It is one of block, throttle, quarantine, tag.',
    )
  const type = reader.oneOf(typeEntry.value, 'action.type', [
    'block',
    'throttle',
    'quarantine',
    'tag',
  ] as const)
  if (type === undefined) return undefined
  for (const [name, entry] of loose) {
    if (!actionKeys[type].includes(name))
      reader.error(
        `The action ${type} has no "${name}".`,
        entry.key,
        `It takes ${actionKeys[type].join(', ')}.`,
      )
  }
  const integer = (name: string, least: number, most: number): number | undefined => {
    const entry = loose.get(name)
    if (entry === undefined) return reader.error(`The action ${type} needs "${name}".`, node ?? key)
    return reader.integer(entry.value, `action.${name}`, least, most)
  }
  if (type === 'tag') return { type }
  if (type === 'block') {
    const entry = loose.get('status')
    if (entry === undefined) return { type, status: 403 }
    const status = reader.integer(entry.value, 'action.status', 400, 599)
    if (status === undefined) return undefined
    if (status > 499 && status !== 503)
      return reader.error(`A block cannot answer ${status}.`, entry.value, 'Use a 4xx status or 503.')
    return { type, status }
  }
  if (type === 'throttle') {
    const requests = integer('requests', 1, 1_000_000)
    const windowSeconds = integer('windowSeconds', 1, 86_400)
    return requests === undefined || windowSeconds === undefined
      ? undefined
      : { type, requests, windowSeconds }
  }
  const targetEntry = loose.get('target')
  const target =
    targetEntry === undefined
      ? 'principal'
      : reader.oneOf(targetEntry.value, 'action.target', ['principal', 'token'] as const)
  const ttlEntry = loose.get('ttl')
  const ttl = ttlEntry === undefined ? '1h' : reader.text(ttlEntry.value, 'action.ttl', ttlEntry.key)
  if (target === undefined || ttl === undefined) return undefined
  const ttlSeconds = parseDuration(ttl)
  if (ttlSeconds === undefined || ttlSeconds < quarantineBounds.least || ttlSeconds > quarantineBounds.most) {
    return reader.error(
      `action.ttl is "${ttl}".`,
      ttlEntry?.value,
      'Write a duration from 1m to 30d, e.g. 15m.',
    )
  }
  return { type, target, ttlSeconds }
}

function readTest(reader: NodeReader, node: ParsedNode): PolicyTest | undefined {
  const entries = reader.entries(node, 'a test', ['name', 'input', 'expect'])
  const name = reader.text(entries.get('name')?.value, 'The name of a test', node)
  const expectEntry = entries.get('expect')
  if (expectEntry === undefined)
    return reader.error(
      'A test has no "expect".',
      node,
      'It is one of pass, block, throttle, quarantine, tag.',
    )
  const expect = reader.oneOf(expectEntry.value, 'expect', [
    'pass',
    'block',
    'throttle',
    'quarantine',
    'tag',
  ] as const)
  const inputEntry = entries.get('input')
  const input = inputEntry === undefined ? {} : reader.plain(inputEntry.value, 'input')
  if (input === null || typeof input !== 'object' || Array.isArray(input))
    return reader.error('The input of a test must be a mapping.', inputEntry?.value)
  return name === undefined || expect === undefined
    ? undefined
    : { name, input: input as Record<string, unknown>, expect }
}
