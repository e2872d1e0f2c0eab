import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { Redactor } from '../src/call/redactor.ts'
import type { ResourceEvent } from '../src/call/resource-event.ts'
import { GraphBuilder } from '../src/graph/graph-builder.ts'
import { readEvents } from '../src/sensors/files/index.ts'

/**
 * Scores the cluster model against the manifests it was made from: `node scripts/score-kubernetes.ts <folder>`.
 *
 * The folder's `*.yaml` files are read twice: by the product, and here plainly, document by document, taking only what a manifest says of
 * itself: controllers that make pods, the service accounts their templates name, and Services with the controllers whose template labels
 * hold the Service's selector. Precision and recall are of those pairs and names. Exposure is compared with a plain reading: internet
 * where a LoadBalancer, a NodePort or an Ingress's or HTTPRoute's backend leads to it. It holds for manifests without internal balancers or
 * policies.
 *
 * Exit 0 when all are 1, 1 when one is not, 2 where something is missing.
 */

const folder = process.argv[2]
if (folder === undefined || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
  process.stderr.write('Which folder? node scripts/score-kubernetes.ts <folder of manifests>\n')
  process.exit(2)
}
const files = readdirSync(folder)
  .filter(name => /\.ya?ml$/.test(name))
  .sort()
  .map(name => join(folder, name))
if (files.length === 0) {
  process.stderr.write(`No *.yaml in ${folder}.\n`)
  process.exit(2)
}

interface Manifest {
  readonly kind?: string
  readonly metadata?: { readonly name: string; readonly namespace?: string }
  readonly spec?: Spec
}
interface Spec {
  readonly [field: string]: unknown
  readonly template?: {
    readonly metadata?: { readonly labels?: Record<string, string> }
    readonly spec?: { readonly serviceAccountName?: string }
  }
  readonly selector?: Record<string, unknown>
  readonly type?: string
}

const plain: Manifest[] = files.flatMap(file =>
  parseAllDocuments(readFileSync(file, 'utf8')).flatMap(
    document => (document.toJS() as Manifest | null) ?? [],
  ),
)
const nameOf = ({ metadata }: Manifest): string => `${metadata?.namespace ?? 'default'}/${metadata?.name}`
const makers = plain.filter(one =>
  ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'].includes(one.kind ?? ''),
)
const wanted = {
  workloads: new Set(makers.map(nameOf)),
  'service accounts': new Set(
    makers.map(
      one =>
        `${nameOf(one)} as ${one.metadata?.namespace ?? 'default'}/${one.spec?.template?.spec?.serviceAccountName ?? 'default'}`,
    ),
  ),
  services: new Set<string>(),
  exposed: new Set<string>(),
}
const backends = new Set<string>()
for (const one of plain) {
  if (one.kind !== 'Ingress' && one.kind !== 'HTTPRoute') continue
  const text = JSON.stringify(one.spec)
  for (const [, name] of text.matchAll(/"(?:backendRefs":\[\{|service":\{)"name":"([^"]+)"/g))
    backends.add(`${one.metadata?.namespace ?? 'default'}/${name}`)
}
for (const service of plain.filter(one => one.kind === 'Service')) {
  const selector = Object.entries(service.spec?.selector ?? {})
  if (selector.length === 0) continue
  for (const maker of makers) {
    const labels = maker.spec?.template?.metadata?.labels ?? {}
    if (!selector.every(([name, value]) => labels[name] === value)) continue
    wanted.services.add(`${nameOf(service)} → ${nameOf(maker)}`)
    if (['LoadBalancer', 'NodePort'].includes(service.spec?.type ?? '') || backends.has(nameOf(service)))
      wanted.exposed.add(nameOf(maker))
  }
}

const builder = new GraphBuilder()
const rejections: string[] = []
let objects = 0
const started = performance.now()
for await (const event of readEvents(files, {
  redactor: new Redactor({ key: Buffer.alloc(32) }),
  onRejection: ({ source, position, reason }) => rejections.push(`${source}:${position} ${reason}`),
}))
  if (event.type === 'resource') {
    objects += 1
    builder.resource(event satisfies ResourceEvent)
  }
builder.settle()
const took = performance.now() - started

const found = {
  workloads: new Set<string>(),
  'service accounts': new Set<string>(),
  services: new Set<string>(),
  exposed: new Set<string>(),
}
const rows: string[][] = [['workload', 'kind', 'version', 'runs as', 'services', 'exposure', 'why']]
for (const model of builder.clusters.models()) {
  const services = [...model.services()]
  for (const workload of model.workloads()) {
    const name = model.nameOf(workload)
    const exposure = model.exposure(workload)
    const own = services.filter(service => service.workloads.includes(workload))
    found.workloads.add(name)
    for (const account of workload.serviceAccounts)
      found['service accounts'].add(`${name} as ${workload.namespace}/${account}`)
    for (const service of own) found.services.add(`${service.namespace}/${service.name} → ${name}`)
    if (exposure.level === 'internet') found.exposed.add(name)
    rows.push([
      name,
      workload.kind,
      workload.version ?? '',
      workload.serviceAccounts.join(' '),
      own.map(service => service.name).join(' '),
      exposure.level,
      exposure.level === 'internet' ? exposure.why.join('; ') : '',
    ])
  }
}

const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
for (const row of rows)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
console.log(
  `\n${objects} objects of ${files.length} files in ${took.toFixed(0)} ms, ${rejections.length} places rejected`,
)
for (const one of rejections) console.log(`  ${one}`)
let good = rejections.length === 0
for (const what of ['workloads', 'service accounts', 'services', 'exposed'] as const) {
  const hits = [...found[what]].filter(one => wanted[what].has(one)).length
  const precision = found[what].size === 0 ? 1 : hits / found[what].size
  const recall = wanted[what].size === 0 ? 1 : hits / wanted[what].size
  good &&= precision === 1 && recall === 1
  console.log(
    `${what.padEnd(16)} precision ${precision.toFixed(3)} (${hits} of ${found[what].size}), recall ${recall.toFixed(3)} (${hits} of ${wanted[what].size})`,
  )
}
process.exit(good ? 0 : 1)
