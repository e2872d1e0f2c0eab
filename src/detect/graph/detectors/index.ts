import type { GraphDetectorDefinition } from '../graph-detector.ts'
import { environmentCrossing } from './environment-crossing.ts'
import { newEdge } from './new-edge.ts'
import { runtimeInWorkload } from './runtime-in-workload.ts'
import { sequence } from './sequence.ts'
import { ssrfEgress } from './ssrf-egress.ts'
import { storeExfiltration } from './store-exfiltration.ts'

export const graphDetectors: readonly GraphDetectorDefinition[] = [
  environmentCrossing,
  newEdge,
  runtimeInWorkload,
  sequence,
  ssrfEgress,
  storeExfiltration,
]
