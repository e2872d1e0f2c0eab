import type { Endpoint } from '../endpoint.ts'

/** Segments that name no part of a product: versions, and words every API begins with. */
const blank = new Set([
  'api',
  'apis',
  'rest',
  'graphql',
  'gql',
  'rpc',
  'jsonrpc',
  'grpc',
  'soap',
  'ws',
  'mcp',
  'services',
  'service',
  'public',
  'private',
  'internal',
  'external',
  'web',
  'mobile',
  'app',
  'latest',
  'beta',
  'index.php',
  '',
])
const version = /^v?\d{1,4}(?:\.\d{1,4}){0,2}(?:alpha|beta|rc)?\d{0,2}$/i

interface Found {
  readonly group: string
  readonly why: string
}

/** Endpoints that belong together, by the first noun of their path; of a gRPC method by its service. */
export function groupOfPath({ protocol, template }: Endpoint): Found | undefined {
  const segments = template.slice(1).split('/', 32)
  if (protocol === 'grpc') {
    const service = (segments[0] ?? '').split('.').at(-1) ?? ''
    return service === '' ? undefined : { group: service, why: `its service is "${segments[0]}"` }
  }
  const noun = segments.find(
    segment => !segment.includes('{') && !blank.has(segment.toLowerCase()) && !version.test(segment),
  )
  return noun === undefined || noun.length > 80 ? undefined : { group: noun, why: `its path says "${noun}"` }
}
