import type { DetectorDefinition } from '../detector.ts'
import { ownerBinding } from './owner-binding.ts'

/** Every detector there is: one file each, one line here. */
export const detectors: readonly DetectorDefinition[] = [ownerBinding]
