/** Standard headers that an operation defines the meaning of. */
const standard = new Set([
  'accept-version',
  'api-version',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'prefer',
])

/** `x-` headers that proxies, browsers and tracers add on the way. */
const ofTheWay =
  /^x-(?:forwarded|real-ip|request-id|correlation-id|amzn|amz-cf|b3|cloud-trace|datadog|envoy|ot-span|client-ip|cluster-client|original|requested-with|scheme|trace|cache|via|azure|arr|ms|google|goog|vercel|cdn|country|waf|device-user)/

/** Is a request header of that (lower-case) name part of the operation, like a parameter? */
export const isParameterHeader = (name: string): boolean =>
  name.charCodeAt(0) === 120 && name.charCodeAt(1) === 45 ? !ofTheWay.test(name) : standard.has(name)
