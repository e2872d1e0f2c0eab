import { decodeTraces } from '../../../src/sensors/otlp/decode-protobuf.ts'
import { batchOf, traceRequest } from './trace-proto.ts'

/** Spans a second and core: our decoder against protobufjs on the same bytes, rounds taken in turn. */
const rounds = 9
const repeats = 150
const spans = 100
const batches = Array.from({ length: 8 }, (_, number) => batchOf(spans, number))

function cpuOf(work: (bytes: Uint8Array) => void): number {
  const began = process.cpuUsage()
  for (let repeat = 0; repeat < repeats; repeat += 1) for (const batch of batches) work(batch)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / (repeats * batches.length * spans)
}

let seen = 0
const ours = (bytes: Uint8Array): void => decodeTraces(bytes, () => (seen += 1))
const theirs = (bytes: Uint8Array): void => {
  traceRequest.decode(bytes)
}
cpuOf(ours)
cpuOf(theirs)
const pairs = Array.from({ length: rounds }, () => [cpuOf(ours), cpuOf(theirs)] as const)
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
const report = {
  bytesPerSpan: Math.round(batches[0]!.length / spans),
  'our CPU µs a span': Number(median(pairs.map(([mine]) => mine)).toFixed(2)),
  'protobufjs CPU µs a span': Number(median(pairs.map(([, other]) => other)).toFixed(2)),
  'times as many spans a second': Number(median(pairs.map(([mine, other]) => other / mine)).toFixed(2)),
}
console.log(JSON.stringify(report, undefined, 2))
if (seen === 0) throw new Error('nothing was decoded')
