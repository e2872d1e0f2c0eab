import type { StoreAccess } from './access.ts'
import type { ApiCall } from './api-call.ts'
import type { RuntimeEvent } from './runtime-event.ts'

/** Everything an event line can say. */
export type SallyportEvent = ApiCall | StoreAccess | RuntimeEvent
