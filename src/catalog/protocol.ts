import type { ApiCall } from '../call/api-call.ts'
import { recognised } from '../call/protocols/index.ts'

/** The protocol a call speaks, from its headers, its path and the outer form of its bodies; `rest` for plain HTTP. */
export const protocolOf = (call: ApiCall): string => recognised(call) ?? 'rest'

/** Protocols of models and their tools: one filter, `ai`, for all of them. */
export const aiProtocols: readonly string[] = ['llm', 'mcp']

/** Whether an endpoint's protocol is among those asked for: ids joined by commas, `ai` for `llm` and `mcp`. Any case. */
export function speaks(protocol: string, wanted: string): boolean {
  for (const one of wanted.toLowerCase().split(',', 32)) {
    const id = one.trim()
    if (id === protocol || (id === 'ai' && aiProtocols.includes(protocol))) return true
  }
  return false
}
