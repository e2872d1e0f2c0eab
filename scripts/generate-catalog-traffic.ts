import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { get, isTree, listAt, type Tree, treeAt } from '../src/catalog/spec/tree.ts'
import { answerSchema, sampleOf } from './catalog-traffic/answer.ts'
import { writingOf, writings } from './catalog-traffic/path-values.ts'
import { Random } from './catalog-traffic/random.ts'
import { flat, resolve } from './drift/raw-schema.ts'

/**
 * Makes labelled traffic from specifications, for `score-catalog.ts`: `node scripts/generate-catalog-traffic.ts <folder
 * of NAME.json.gz, OpenAPI 3> <file.jsonl.gz> [--without TRAFFIC.jsonl.gz]`. Documents that occur in the traffic of
 * `--without` are left out: what was tuned on one is judged on the other.
 *
 * Operations are called unevenly, from 3 to 60 times; values of parameters come from pools of their own, the first of
 * a pool most often; answers follow the schemas. 6 % of the calls fail, and a scanner asks for paths that are not there.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string' } },
})
const [folder = '', output = ''] = positionals
if (!existsSync(folder) || output === '') {
  process.stderr.write('node scripts/generate-catalog-traffic.ts <folder of documents> <file.jsonl.gz>\n')
  process.exit(2)
}

const methods = ['get', 'put', 'post', 'delete', 'patch']
const maxOperations = 40
const poolSize = 16

const known = new Set<string>()
if (values.without !== undefined)
  for (const line of gunzipSync(readFileSync(values.without)).toString('utf8').split('\n'))
    if (line !== '') known.add((JSON.parse(line) as { document: string }).document)

interface Planned {
  readonly method: string
  readonly path: string
  readonly item: Tree
  readonly operation: Tree
}

/** Operations that a path tells apart: of paths equal up to the names of parameters the first. */
function planOf(root: Tree, random: Random): readonly Planned[] {
  const shapes = new Map<string, string>()
  const all: Planned[] = []
  for (const [path, raw] of Object.entries(treeAt(root, 'paths') ?? {})) {
    const item = resolve(root, raw)
    if (!isTree(item) || /[#?\s]/.test(path) || !path.startsWith('/')) continue
    const shape = path.replace(/\{[^}]*\}/g, '{}')
    if ((shapes.get(shape) ?? path) !== path) continue
    shapes.set(shape, path)
    for (const method of methods) {
      const operation = get(item, method)
      if (isTree(operation)) all.push({ method: method.toUpperCase(), path, item, operation })
    }
  }
  while (all.length > maxOperations) all.splice(random.below(all.length), 1)
  return all
}

const literalsOf = (plan: readonly Planned[]): ReadonlySet<string> =>
  new Set(plan.flatMap(({ path }) => path.split('/').filter(part => !part.includes('{'))))

function poolOf(root: Tree, planned: Planned, name: string, document: string, literals: ReadonlySet<string>) {
  const parameters = [...listAt(planned.operation, 'parameters'), ...listAt(planned.item, 'parameters')]
  const parameter = parameters
    .map(one => resolve(root, one))
    .find(one => get(one, 'name') === name && get(one, 'in') === 'path')
  const schema = flat(root, get(parameter, 'schema'))
  const before = planned.path.slice(0, planned.path.indexOf(`{${name}}`))
  const random = new Random(`${document} ${before} ${name}`)
  const words = schema.words?.map(String).filter(word => word !== '' && !literals.has(word))
  if (words !== undefined && words.length > 0) return words
  const write = writings[writingOf(name, schema, random)]!
  const pool = new Set<string>()
  for (let tries = 0; pool.size < poolSize && tries < 200; tries += 1) {
    const value = write(random)
    if (!literals.has(value)) pool.add(value)
  }
  return [...pool]
}

const lines: string[] = []
let id = 0
for (const entry of readdirSync(folder).sort()) {
  const document = entry.replace(/\.json\.gz$/, '')
  if (document === entry || known.has(document)) continue
  const root = JSON.parse(gunzipSync(readFileSync(join(folder, entry))).toString('utf8')) as Tree
  const random = new Random(document)
  const plan = planOf(root, random)
  if (plan.length < 3) continue
  const literals = literalsOf(plan)
  const base = basePath(root)
  const host = `${document}.example`
  const calls: { readonly at: number; readonly line: (id: number) => string }[] = []
  for (const planned of plan) {
    const template = base + planned.path
    const operation = `${planned.method} ${template}`
    const schema = answerSchema(root, planned.operation)
    const names = [...planned.path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name!)
    const pools = new Map(names.map(name => [name, poolOf(root, planned, name, document, literals)]))
    const total = 3 + Math.floor(57 * random.next() ** 2.5)
    for (let n = 1; n <= total; n += 1) {
      const path = template.replace(/\{([^}]*)\}/g, (_, name: string) => {
        const pool = pools.get(name) ?? ['1']
        return encodeURIComponent(pool[Math.floor(random.next() ** 1.7 * pool.length)] ?? '1')
      })
      const fails = random.next() < 0.06
      const status = fails ? random.pick([400, 403, 404, 422]) : schema === undefined ? 204 : 200
      const body = fails
        ? JSON.stringify({ error: 'refused', code: status })
        : schema === undefined
          ? undefined
          : JSON.stringify(sampleOf(root, schema, random, operation))
      const caller = random.below(9)
      calls.push({
        at: random.next(),
        line: number =>
          lineOf({
            number,
            host,
            method: planned.method,
            path,
            status,
            body,
            caller,
            operation,
            document,
            n,
          }),
      })
    }
  }
  for (let probe = 0; probe < plan.length; probe += 1)
    calls.push({
      at: random.next(),
      line: number =>
        lineOf({
          number,
          host,
          method: 'GET',
          path: `/${random.pick(['.env', 'wp-admin', 'backup', 'old', 'phpinfo.php'])}/${random.below(999)}`,
          status: 404,
          body: undefined,
          caller: -1,
          operation: null,
          document,
          n: 1,
        }),
    })
  for (const { line } of calls.sort((a, b) => a.at - b.at)) {
    id += 1
    lines.push(line(id))
  }
}
writeFileSync(output, gzipSync(`${lines.join('\n')}\n`))
process.stdout.write(`${lines.length} calls in ${output}\n`)

/** Path of the first server, without a slash at the end. */
function basePath(root: Tree): string {
  const url = get(listAt(root, 'servers')[0], 'url')
  if (typeof url !== 'string') return ''
  const path = url.replace(/^(?:[a-z]+:)?\/\/[^/]*/i, '').replace(/\/+$/, '')
  return path.startsWith('/') && !path.includes('{') ? path : ''
}

function lineOf(one: {
  readonly number: number
  readonly host: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: string | undefined
  readonly caller: number
  readonly operation: string | null
  readonly document: string
  readonly n: number
}): string {
  const json: [string, string][] = [['content-type', 'application/json']]
  const size = one.body === undefined ? 0 : Buffer.byteLength(one.body)
  const call = {
    type: 'call',
    id: `g-${one.number}`,
    time: new Date(1_790_000_000_000 + one.number * 700).toISOString(),
    destination: { host: one.host, port: 443 },
    source: { ip: `203.0.113.${10 + one.caller}` },
    request: {
      method: one.method,
      target: one.path,
      httpVersion: '1.1',
      headers: one.caller < 0 ? [] : [['authorization', `Bearer ${`caller${one.caller}`.padEnd(24, 'x')}`]],
      bodySize: 0,
    },
    response: {
      status: one.status,
      headers: one.body === undefined ? [] : json,
      bodySize: size,
      ...(one.body === undefined ? {} : { body: one.body, bodyEncoding: 'utf8' }),
    },
  }
  return JSON.stringify({ call, operation: one.operation, document: one.document, n: one.n })
}
