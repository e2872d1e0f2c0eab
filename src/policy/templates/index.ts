import { injectionGuard } from './injection-guard.ts'
import { loginThrottle } from './login-throttle.ts'
import { ownerGuard } from './owner-guard.ts'
import { tenantGuard } from './tenant-guard.ts'

export type { PolicyTemplate, TemplateOptions } from './template.ts'

export const policyTemplates = [ownerGuard, tenantGuard, injectionGuard, loginThrottle] as const
