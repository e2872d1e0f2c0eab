import { type Admission, type Guard, type Needs, pass } from '../../../src/sensors/guard.ts'

const nothing: Needs = Object.freeze({ requestBody: false, response: false, responseBody: false })

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
