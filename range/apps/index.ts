import type { AppDefinition } from '../world/app.ts'
import { agents } from './agents/agents.ts'
import { bank } from './bank/bank.ts'
import { clinic } from './clinic/clinic.ts'
import { saas } from './saas/saas.ts'
import { shop } from './shop/shop.ts'

/** Every application of the range, one folder each. */
export const apps: readonly AppDefinition[] = [shop, bank, clinic, saas, agents]
