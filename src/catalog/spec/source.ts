import { gunzipSync } from 'node:zlib'
import { isAlias, LineCounter, parseDocument, visit } from 'yaml'
import { isDescriptorSet } from '../../call/protocols/grpc/descriptor-set.ts'
import type { SpecProblem } from './specification.ts'
import type { Tree } from './tree.ts'
import { isTree } from './tree.ts'

/** Bounds of one document; beyond them it is refused with a sentence. */
export interface SourceLimits {
  /** Bytes of JSON, after inflating. */
  readonly json: number
  /** Bytes of YAML: its parser keeps several hundred bytes a byte. */
  readonly yaml: number
  /** Uses of aliases in a YAML document, counted as written out. */
  readonly aliases: number
}

export const defaultSourceLimits: SourceLimits = { json: 64 << 20, yaml: 8 << 20, aliases: 10_000 }

export interface Source {
  readonly tree?: Tree
  /** The text, for formats that are neither JSON nor YAML. */
  readonly text?: string
  readonly problems: readonly SpecProblem[]
  /** Line and column of a place, where they can be had. */
  locate(path: readonly string[]): { readonly line: number; readonly column: number } | undefined
}

/** How bytes travel where text is asked for: in the API, in the state store. */
const binaryMark = /^data:application\/(?:x-)?protobuf;base64,/

/** A document as text or, where it is none, as bytes: inflated, unmarked, within the bound. */
export function decodeSource(
  source: string | Uint8Array,
  limits: SourceLimits,
): { readonly text?: string; readonly bytes?: Uint8Array } | { readonly fault: string } {
  if (typeof source === 'string') {
    const mark = binaryMark.exec(source.slice(0, 64))?.[0]
    if (mark === undefined)
      return source.length > limits.json
        ? { fault: `Larger than ${megabytes(limits.json)}.` }
        : { text: source }
    if (source.length > 2 * limits.json) return { fault: `Larger than ${megabytes(limits.json)}.` }
    return { bytes: Buffer.from(source.slice(mark.length), 'base64') }
  }
  let bytes = source
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: limits.json })
    } catch {
      return { fault: `Cannot be inflated, or holds more than ${megabytes(limits.json)}.` }
    }
  }
  if (bytes.byteLength > limits.json) return { fault: `Larger than ${megabytes(limits.json)}.` }
  if (isDescriptorSet(bytes)) return { bytes }
  return { text: new TextDecoder('utf-8').decode(bytes) }
}

/** A file's bytes as text that `parseSpecification` reads the same: binary formats marked and in base64. */
export const specificationText = (bytes: Uint8Array): string =>
  isDescriptorSet(bytes)
    ? `data:application/x-protobuf;base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`
    : new TextDecoder('utf-8').decode(bytes)

const nowhere = (): undefined => undefined

/** Reads JSON or YAML, within the bounds. */
export function readSource(source: string, file: string, limits: SourceLimits = defaultSourceLimits): Source {
  const fail = (message: string, at: { line?: number; column?: number } = {}): Source => ({
    problems: [{ severity: 'error', file, message, ...at }],
    locate: nowhere,
  })
  let text = source
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
  if (text.length > limits.json) return fail(`Larger than ${megabytes(limits.json)}.`)
  const first = /\S/.exec(text)?.[0]
  if (first === undefined) return fail('The file is empty.')
  if (first === '{' || first === '[') {
    const parsed = parseJson(text)
    if ('tree' in parsed) {
      return isTree(parsed.tree)
        ? { tree: parsed.tree, problems: [], locate: nowhere }
        : fail('A specification is an object, this is a list.')
    }
    // Flow-style YAML also begins with a brace; large files are JSON.
    if (text.length > 1 << 20) return fail(parsed.message, parsed)
    const yaml = parseYaml(text, file, limits)
    return yaml.tree === undefined ? fail(parsed.message, parsed) : yaml
  }
  return parseYaml(text, file, limits)
}

function parseJson(
  text: string,
):
  | { readonly tree: unknown }
  | { readonly message: string; readonly line?: number; readonly column?: number } {
  try {
    return { tree: JSON.parse(text) as unknown }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    const at = /position (\d+)/.exec(message)?.[1]
    if (at === undefined) return { message: 'Not JSON: it ends too early.', ...placeOf(text, text.length) }
    return { message: 'Not JSON: unexpected character.', ...placeOf(text, Number(at)) }
  }
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1
  let start = 0
  for (let index = text.indexOf('\n'); index >= 0 && index < offset; index = text.indexOf('\n', index + 1)) {
    line += 1
    start = index + 1
  }
  return { line, column: offset - start + 1 }
}

function parseYaml(text: string, file: string, limits: SourceLimits): Source {
  const fail = (message: string, at: { line?: number; column?: number } = {}): Source => ({
    text,
    problems: [{ severity: 'error', file, message, ...at }],
    locate: nowhere,
  })
  if (text.length > limits.yaml)
    return fail(`YAML larger than ${megabytes(limits.yaml)}: convert it to JSON, which may be larger.`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined) {
    const at = error.linePos?.[0]
    return fail(
      `Not YAML: ${error.message.split('\n')[0] ?? 'it cannot be read'}`,
      at === undefined ? {} : { line: at.line, column: at.col },
    )
  }
  let aliases = 0
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) aliases += 1
      return aliases > limits.aliases ? visit.BREAK : undefined
    },
  })
  if (aliases > limits.aliases) return fail(`More than ${limits.aliases} aliases.`)
  let tree: unknown
  try {
    tree = document.toJS({ maxAliasCount: limits.aliases })
  } catch {
    return fail('Its aliases write out to too much: refused.')
  }
  if (!isTree(tree))
    return fail('A specification is an object, this is something else.', { line: 1, column: 1 })
  return {
    tree,
    text,
    problems: [],
    locate: path => {
      const node: unknown = document.getIn([...path], true)
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
      const start: unknown = Array.isArray(range) ? range[0] : undefined
      if (typeof start !== 'number') return undefined
      const { line, col } = lines.linePos(start)
      return { line, column: col }
    },
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / (1 << 20))} MB`
