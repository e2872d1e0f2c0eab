import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ApiCall } from '../../src/call/api-call.ts'
import { isRejection, parseEventLine } from '../../src/call/event-line.ts'
import { Redactor } from '../../src/call/redactor.ts'
import type { Tree } from '../../src/catalog/spec/tree.ts'

export interface LabelledCall {
  readonly call: ApiCall
  /** `METHOD /path` with the base path; null for a scanner's call. */
  readonly operation: string | null
}

/** One specification and the traffic generated from it. */
export interface Sample {
  readonly document: string
  readonly tree: Tree
  readonly calls: readonly LabelledCall[]
}

/** Reads `traffic.jsonl.gz` and the documents it is of; undefined where something is missing. */
export function readCorpus(folder: string): readonly Sample[] | undefined {
  const traffic = join(folder, 'traffic.jsonl.gz')
  if (!existsSync(traffic)) return undefined
  const redactor = new Redactor({ key: createHash('sha256').update('drift score').digest() })
  const calls = new Map<string, LabelledCall[]>()
  const lines = gunzipSync(readFileSync(traffic)).toString('utf8').split('\n')
  lines.forEach((line, index) => {
    if (line === '') return
    const row = JSON.parse(line) as { call: unknown; operation: string | null; document: string }
    const event = parseEventLine(JSON.stringify(row.call), traffic, index + 1, redactor)
    if (isRejection(event) || event.type !== 'call') return
    const list = calls.get(row.document)
    const labelled = { call: event, operation: row.operation }
    if (list === undefined) calls.set(row.document, [labelled])
    else list.push(labelled)
  })
  const samples: Sample[] = []
  for (const document of [...calls.keys()].sort()) {
    const file = join(folder, 'documents', `${document}.json.gz`)
    if (!existsSync(file)) return undefined
    const tree = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Tree
    const list = calls.get(document) ?? []
    samples.push({ document, tree, calls: list.sort((a, b) => a.call.time - b.call.time) })
  }
  return samples
}
