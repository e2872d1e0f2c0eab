import type { GraphDetectorDefinition } from '../graph-detector.ts'

export const graphDetectors: readonly GraphDetectorDefinition[] = []
