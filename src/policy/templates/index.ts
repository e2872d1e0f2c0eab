import { aiBudget } from './ai-budget.ts'
import { aiTools } from './ai-tools.ts'
import { botChallenge } from './bot-challenge.ts'
import { costBudget } from './cost-budget.ts'
import { dataMasking } from './data-masking.ts'
import { geoAndNetwork } from './geo-and-network.ts'
import { injectionGuard } from './injection-guard.ts'
import { jwtRules } from './jwt-rules.ts'
import { leastPrivilege } from './least-privilege.ts'
import { loginThrottle } from './login-throttle.ts'
import { methodAndContentType } from './method-and-content-type.ts'
import { ownerGuard } from './owner-guard.ts'
import { rateBudget } from './rate-budget.ts'
import { schemaGuard } from './schema-guard.ts'
import { sequenceGuard } from './sequence-guard.ts'
import { sizeAndDepth } from './size-and-depth.ts'
import { tenantGuard } from './tenant-guard.ts'
import { velocityGuard } from './velocity-guard.ts'

export type { PolicyTemplate, TemplateOptions } from './template.ts'

export const policyTemplates = [
  ownerGuard,
  tenantGuard,
  injectionGuard,
  loginThrottle,
  schemaGuard,
  leastPrivilege,
  rateBudget,
  costBudget,
  velocityGuard,
  sequenceGuard,
  jwtRules,
  dataMasking,
  sizeAndDepth,
  methodAndContentType,
  botChallenge,
  geoAndNetwork,
  aiBudget,
  aiTools,
] as const
