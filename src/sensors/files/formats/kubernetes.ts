import { parseDocument } from 'yaml'
import type { ResourceEvent } from '../../../call/resource-event.ts'
import { knownKinds } from '../../kubernetes/kinds.ts'
import { trimObject } from '../../kubernetes/trim-object.ts'
import { defineFileFormat, type StreamContext } from '../file-format.ts'
import { jsonRecords, recordsInHead } from '../json-records.ts'
import { readPlainYaml } from '../plain-yaml.ts'
import { yamlRecords } from '../yaml-records.ts'

/** A document of YAML is held and parsed whole; a stored object has at most 1.5 MiB. */
const maxDocumentBytes = 4 * 1024 * 1024
/** Levels of nesting; a manifest has about fifteen. */
const maxDepth = 200
/** Lists in lists that are opened. */
const maxNesting = 4

const knownNames: ReadonlySet<string> = new Set(knownKinds.map(known => known.kind))

/** Manifests of Kubernetes as they are applied, rendered or given out by `kubectl get`: YAML documents or JSON, objects or lists of them. */
export const kubernetes = defineFileFormat({
  id: 'kubernetes',
  title: 'Kubernetes manifests (YAML, JSON)',
  records: 'stream',
  recognise: head => looksLikeYaml(head) || recordsInHead(head).some(looksLikeObject),
  events: read,
})

const looksLikeYaml = (head: string): boolean =>
  /^\s{0,64}[{[]/.test(head)
    ? false
    : (/^apiVersion:[ \t]{1,8}["']?[a-z0-9.-]{1,200}(?:\/[a-z0-9]{1,60})?["']?[ \t]{0,8}(?:#|\r?$)/m.test(
        head,
      ) &&
        /^(?:kind|metadata|data|items):/m.test(head)) ||
      // A kustomization needs neither.
      /^(?:resources|bases|components):[ \t]{0,8}\r?\n[ \t]{0,8}- [^\s:]{1,500}\r?$/m.test(head)

const looksLikeObject = (value: Readonly<Record<string, unknown>>): boolean =>
  typeof value.apiVersion === 'string' &&
  typeof value.kind === 'string' &&
  // Records of an audit log say the same of themselves.
  !value.apiVersion.startsWith('audit.k8s.io/') &&
  (value.kind.endsWith('List') || typeof value.metadata === 'object')

async function* read(
  chunks: AsyncIterable<Uint8Array>,
  context: StreamContext,
): AsyncGenerator<ResourceEvent> {
  const { label, reject, maxRecordBytes } = context
  const iterator = chunks[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  const all = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield first.value
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  const isJson = /^\uFEFF?\s{0,64}[{[]/.test(Buffer.from(first.value.subarray(0, 128)).toString('utf8'))
  const pieces = isJson
    ? jsonRecords(all(), maxRecordBytes)
    : yamlRecords(all(), Math.min(maxRecordBytes, maxDocumentBytes))
  let number = 0
  for await (const piece of pieces) {
    if (!('text' in piece)) {
      reject(
        piece.position,
        isJson ? piece.problem : `${piece.problem} Part it with lines of ---, or give it as JSON.`,
      )
      continue
    }
    const value = isJson ? fromJson(piece.text) : fromYaml(piece.text)
    if (value instanceof Broken) {
      reject(piece.position, value.reason)
      continue
    }
    for (const raw of objectsIn(value, 0)) {
      const object = trimObject(raw)
      if (object === undefined) {
        if (isNameless(raw))
          reject(piece.position, 'An object of a kind that is known says no apiVersion or name.')
        continue
      }
      number += 1
      yield { type: 'resource', id: `${label}:${number}`, time: 0, source: 'kubernetes', object }
    }
  }
}

/** A template that was not rendered, or half an object: of another kind, or of the same name in another group, it is nothing to tell of. */
function isNameless(raw: unknown): boolean {
  const { apiVersion, kind, metadata } = raw as Readonly<Record<string, unknown>>
  if (typeof kind !== 'string' || !knownNames.has(kind)) return false
  const name = (metadata as { readonly name?: unknown } | null | undefined)?.name
  return typeof apiVersion !== 'string' || typeof name !== 'string' || name === ''
}

class Broken {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return new Broken('It is not JSON.')
  }
}

/** Documents of kinds that are not known are not parsed: definitions of custom resources are long. */
function fromYaml(text: string): unknown {
  const kind = /^kind:[ \t]{1,8}["']?([A-Za-z0-9]{1,100})["']?[ \t]{0,8}(?:#|\r?$)/m.exec(text)?.[1]
  if (kind !== undefined && !knownNames.has(kind) && !kind.endsWith('List')) return undefined
  const plain = readPlainYaml(text)
  if (plain !== undefined) return plain.value
  if (isTooDeep(text)) return new Broken(`The YAML is nested deeper than ${maxDepth} levels: flatten it.`)
  try {
    const document = parseDocument(text, {
      merge: true,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    })
    const [error] = document.errors
    if (error !== undefined) return new Broken(`The YAML is broken: ${firstLine(error.message)}`)
    // Aliases that stand for much more than they say are refused here.
    return document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    return new Broken(
      thrown instanceof ReferenceError
        ? `The YAML has too many aliases (${firstLine(thrown.message)}): write out what they stand for.`
        : 'The YAML is nested too deeply: flatten it.',
    )
  }
}

/** Before a parser recurses: brackets that are open at a time, wherever they stand, and dashes in a row. In one pass. */
function isTooDeep(text: string): boolean {
  let open = 0
  let row = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0x5b || code === 0x7b) open += 1
    else if ((code === 0x5d || code === 0x7d) && open > 0) open -= 1
    else if ((code === 0x2d || code === 0x3f) && text.charCodeAt(index + 1) === 0x20) row += 1
    else if (code !== 0x20) row = 0
    if (open > maxDepth || row > maxDepth) return true
  }
  return false
}

const firstLine = (message: string): string => message.split('\n', 1)[0]!.slice(0, 200)

/** The objects in a list of them, or the one. */
function* objectsIn(value: unknown, depth: number): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  const items = Array.isArray(value) ? value : (value as { readonly items?: unknown }).items
  if (!Array.isArray(items)) {
    yield value
    return
  }
  if (depth === maxNesting) return
  // The members of a typed list do not say what they are.
  const { kind, apiVersion } = value as { readonly kind?: unknown; readonly apiVersion?: unknown }
  const of =
    typeof kind === 'string' && kind.length > 4 && kind.endsWith('List') ? kind.slice(0, -4) : undefined
  for (const item of items as readonly unknown[]) {
    if (typeof item !== 'object' || item === null) continue
    yield* of !== undefined && !('kind' in item)
      ? [{ kind: of, apiVersion, ...item }]
      : objectsIn(item, depth + 1)
  }
}
