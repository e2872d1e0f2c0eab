import type { DetectorFacts } from './detector.ts'
import { detectors } from './detectors/index.ts'
import { graphDetectors } from './graph/detectors/index.ts'

/** Every detector there is, those of calls and those of the graph, in the order of their ids. */
export const allDetectors: readonly DetectorFacts[] = [...detectors, ...graphDetectors].sort((a, b) =>
  a.id < b.id ? -1 : 1,
)
