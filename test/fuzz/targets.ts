import { envoyMessages } from './envoy-messages.ts'
import { forwardAuth } from './forward-auth.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { gateway } from './gateway.ts'
import { http } from './http.ts'
import { jwt } from './jwt.ts'
import { policies } from './policies.ts'

/** Every target; a new one is one file and one line. */
export const fuzzTargets: readonly FuzzTarget[] = [envoyMessages, forwardAuth, gateway, http, jwt, policies]
