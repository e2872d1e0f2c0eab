import type { GraphDetectorDefinition } from '../graph-detector.ts'
import { newEdge } from './new-edge.ts'

export const graphDetectors: readonly GraphDetectorDefinition[] = [newEdge]
