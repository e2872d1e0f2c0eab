import type { FindingRule } from '../rule.ts'
import { conflictingOperation } from './conflicting-operation.ts'
import { credentialInUrl } from './credential-in-url.ts'
import { openModel } from './open-model.ts'
import { secretInToolArguments } from './secret-in-tool-arguments.ts'
import { secretInUrl } from './secret-in-url.ts'
import { toolDefinitionChanged } from './tool-definition-changed.ts'

/** Every finding that needs no specification. Adding one is a file here and a line below. */
export const findingRules: readonly FindingRule[] = [
  conflictingOperation,
  credentialInUrl,
  openModel,
  secretInToolArguments,
  secretInUrl,
  toolDefinitionChanged,
]
