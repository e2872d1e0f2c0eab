import type { GraphDetectorDefinition } from '../graph-detector.ts'
import { newEdge } from './new-edge.ts'
import { runtimeInWorkload } from './runtime-in-workload.ts'
import { sequence } from './sequence.ts'
import { ssrfEgress } from './ssrf-egress.ts'

export const graphDetectors: readonly GraphDetectorDefinition[] = [
  newEdge,
  runtimeInWorkload,
  sequence,
  ssrfEgress,
]
