import { blastRadius } from '../../../src/graph/blast-radius.ts'
import { Graph } from '../../../src/graph/graph.ts'
import { internet, type NodeId, nodeId } from '../../../src/graph/node.ts'
import { findPaths } from '../../../src/graph/paths.ts'
import { selectNodes } from '../../../src/graph/selector.ts'

/** What a graph of 10,000 workloads, 50,000 endpoints and 500,000 edges costs: memory, sightings and questions. */
const workloads = 10_000
const endpoints = 50_000
const stores = 2_000
const edges = 500_000
const questions = 300

/** Numbers that are the same in every run (Marsaglia's xorshift). */
let state = 0x9e3779b9
function below(limit: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % limit
}

const workload = (number: number): NodeId => nodeId('workload', `ns-${number % 200}/service-${number}`)
const endpoint = (number: number): NodeId =>
  nodeId('endpoint', `GET api-${number % 500}.example/things/${number}/{thingId}`)
const store = (number: number): NodeId =>
  nodeId('store', `postgresql://db-${number % 100}/main/table_${number}`)
const classes = ['payment-card', 'email', 'iban', 'person-name', 'us-ssn']

globalThis.gc?.()
const before = process.memoryUsage()
const graph = new Graph()
const began = process.cpuUsage()
const sighting = { time: 0, source: 'otlp' as const, count: 1, bytes: 900 }
for (let number = 0; number < endpoints; number += 1)
  graph.see(endpoint(number), workload(number % workloads), 'serves', sighting)
for (let number = 0; number < stores; number += 1)
  graph.see(store(number), nodeId('data', classes[number % classes.length]!), 'carries', sighting)
for (let number = 0; number < 500; number += 1)
  graph.see(internet, endpoint(below(endpoints)), 'calls', sighting)
while (graph.edges.length < edges) {
  const from = below(workloads)
  if (below(20) === 0) graph.see(workload(from), store(below(stores)), 'reads', sighting)
  else graph.see(workload(from), endpoint(below(endpoints)), 'calls', sighting)
}
const built = process.cpuUsage(began)
globalThis.gc?.()
const after = process.memoryUsage()

const again = process.cpuUsage()
const repeats = 1_000_000
const from = Array.from({ length: 4_096 }, () => workload(below(workloads)))
const to = Array.from({ length: 4_096 }, () => endpoint(below(endpoints)))
for (let number = 0; number < 4_096; number += 1) graph.see(from[number]!, to[number]!, 'calls', sighting)
for (let number = 0; number < repeats; number += 1)
  graph.see(from[number & 4_095]!, to[number & 4_095]!, 'calls', sighting)
const repeated = process.cpuUsage(again)

function timed(ask: () => unknown): { readonly p50: number; readonly p95: number; readonly max: number } {
  const times: number[] = []
  for (let number = 0; number < questions; number += 1) {
    const start = performance.now()
    ask()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => Number(times[Math.floor(times.length * share)]!.toFixed(2))
  return { p50: at(0.5), p95: at(0.95), max: at(0.999) }
}

const micros = ({ user, system }: NodeJS.CpuUsage): number => user + system
const report = {
  nodes: graph.nodes.size,
  edges: graph.edges.length,
  memoryMB: Math.round((after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6),
  rssMB: Math.round(after.rss / 1e6),
  newEdgeMicros: Number((micros(built) / edges).toFixed(2)),
  knownEdgeMicros: Number((micros(repeated) / repeats).toFixed(2)),
  'path internet to data, ms': timed(() =>
    findPaths(graph, selectNodes(graph, 'internet'), selectNodes(graph, 'data:payment-card')),
  ),
  'path workload to store, ms': timed(() =>
    findPaths(
      graph,
      selectNodes(graph, workload(below(workloads))),
      selectNodes(graph, store(below(stores))),
    ),
  ),
  'path by pattern, ms': timed(() =>
    findPaths(graph, selectNodes(graph, 'workload:ns-7/*'), selectNodes(graph, 'store:*table_1*')),
  ),
  'reach of a workload, ms': timed(() => blastRadius(graph, workload(below(workloads)))),
}
console.log(JSON.stringify(report, undefined, 2))
