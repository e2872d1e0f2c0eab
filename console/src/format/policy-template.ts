import { endpointParts } from './names.ts'
import { policyKindFor } from './policy-kinds.ts'

/** A YAML string in double quotes: JSON's escapes are YAML's. Endpoint ids come from traffic. */
const text = (value: string): string => JSON.stringify(value)

/** A name as policies may have it: lower case, digits and hyphens. */
export function policyName(wish: string): string {
  const name = wish
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
    .replaceAll(/-+$/g, '')
  return name === '' ? 'new-policy' : name
}

export interface PolicyWish {
  /** Endpoint ids; every endpoint where there are none. */
  readonly endpoints?: readonly string[]
  readonly detectors: readonly string[]
  readonly incident?: string
}

const mostEndpoints = 5

/** The first draft of a policy: in shadow mode, for the endpoints given, with its tests. */
export function draftPolicy(wish: PolicyWish): string {
  const kind = policyKindFor(wish.detectors)
  const endpoints = (wish.endpoints ?? []).slice(0, mostEndpoints).map(endpointParts)
  const [first] = endpoints
  const noun = first?.template
    .split('/')
    .find(part => part !== '' && !part.startsWith('{') && !/^v\d+$/.test(part))
  const hosts = [...new Set(endpoints.map(({ host }) => host))].filter(host => host !== '')
  const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`
  const match = [
    ...(hosts.length === 0 ? [] : [`    hosts: ${list(hosts)}`]),
    ...(first === undefined
      ? []
      : [
          `    endpoints: ${list(endpoints.map(({ method, template }) => `${method === '' ? '*' : method} ${template}`))}`,
        ]),
  ]
  return [
    `# ${kind.why}`,
    ...(wish.incident === undefined
      ? []
      : [`# Written because of incident ${policyComment(wish.incident)}.`]),
    'apiVersion: sallyport/v1alpha1',
    'kind: ApiPolicy',
    'metadata:',
    `  name: ${policyName(noun === undefined ? kind.prefix : `${kind.prefix}-${noun}`)}`,
    'spec:',
    '  # shadow only records what it would do; enforce does it.',
    '  mode: shadow',
    ...(match.length === 0 ? [] : ['  match:', ...match]),
    ...kind.spec.map(line => `  ${line}`),
    '  tests:',
    ...kind.tests.flatMap(({ name, input, expect }) => [
      `    - name: ${name}`,
      `      input: ${input}`,
      `      expect: ${expect}`,
    ]),
    '',
  ].join('\n')
}

/** Nothing that could end a comment. */
const policyComment = (value: string): string => value.replaceAll(/[^\w.:-]/g, ' ')
