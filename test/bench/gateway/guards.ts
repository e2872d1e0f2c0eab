import type { RawBody } from '../../../src/call/raw-exchange.ts'
import { type Admission, type Guard, type Needs, pass, type Verdict } from '../../../src/sensors/guard.ts'

const nothing: Needs = Object.freeze({ requestBody: false, response: false, responseBody: false })
const body: Needs = Object.freeze({ requestBody: true, response: false, responseBody: false })

const free: Admission = Object.freeze({
  verdict: pass,
  needs: nothing,
  decideBody: () => pass,
  decideResponse: () => pass,
})

/** Protection off: everything passes, nothing is kept. What remains is the gateway itself. */
export function openGuard(): Guard {
  return { admit: () => free, observe: () => undefined }
}

/** What `protectingGuard` measures, so that a result says what it is a result of. */
export const protection = 'reads the window: body parsed as JSON and every value walked, no rules'

/** Protection on. Reads every request body's window before it lets the request on. */
export function protectingGuard(): Guard {
  const inspecting: Admission = { ...free, needs: body, decideBody: window => inspect(window) }
  return {
    admit: request => (request.method === 'GET' ? free : inspecting),
    observe: () => undefined,
  }
}

/** A body in which every value is looked at; one that holds this word would be blocked. */
function inspect(window: RawBody): Verdict {
  if (window.bytes.length === 0 || window.truncated) return pass
  const found = someValue(JSON.parse(Buffer.from(window.bytes).toString('utf8')), value =>
    value.includes('forbidden'),
  )
  return found
    ? { action: 'block', decisionId: 'bench', policy: 'bench', status: 403, reason: 'Forbidden.' }
    : pass
}

function someValue(value: unknown, test: (value: string) => boolean): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some(child => someValue(child, test))
  return test(String(value))
}
