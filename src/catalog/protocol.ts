import type { ApiCall } from '../call/api-call.ts'
import { recognised } from '../call/protocols/index.ts'

/** The protocol a call speaks, from its headers, its path and the outer form of its bodies; `rest` for plain HTTP. */
export const protocolOf = (call: ApiCall): string => recognised(call) ?? 'rest'
