import type { GraphDetectorDefinition } from '../graph-detector.ts'
import { newEdge } from './new-edge.ts'
import { ssrfEgress } from './ssrf-egress.ts'

export const graphDetectors: readonly GraphDetectorDefinition[] = [newEdge, ssrfEgress]
