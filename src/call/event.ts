import type { StoreAccess } from './access.ts'
import type { ApiCall } from './api-call.ts'
import type { FlowEvent } from './flow-event.ts'
import type { IdentityEvent } from './identity-event.ts'
import type { ResourceEvent } from './resource-event.ts'
import type { RuntimeEvent } from './runtime-event.ts'

/** What is known around calls: accesses to stores, flows, runtime events, uses of identities, declared resources. */
export type ContextEvent = StoreAccess | FlowEvent | RuntimeEvent | IdentityEvent | ResourceEvent

/** Everything an event line can say. */
export type SallyportEvent = ApiCall | ContextEvent
