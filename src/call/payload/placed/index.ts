import { scannerAgent } from './agent.ts'
import { fileUpload } from './file-name.ts'
import type { PlacedRule } from './placed-rule.ts'
import { sensitiveFile } from './sensitive-file.ts'
import { sessionFixation } from './session.ts'

/** What is read only where it stands; the other grammars read every value. */
export const placedRules: readonly PlacedRule[] = [fileUpload, sensitiveFile, sessionFixation, scannerAgent]
