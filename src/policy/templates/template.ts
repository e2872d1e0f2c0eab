import type { PolicyMode } from '../facts.ts'

/** A ready-made policy: a document to read, change and apply. */
export interface PolicyTemplate<Options extends object = object> {
  /** Also the default name of the policy, and the name of its file. */
  readonly id: string
  readonly title: string
  /** One sentence: what it stops. */
  readonly summary: string
  readonly defaults: Options
  /** The YAML. In shadow mode unless the options say otherwise. */
  render(options?: Partial<Options> & TemplateOptions): string
}

export interface TemplateOptions {
  readonly name?: string
  readonly mode?: Exclude<PolicyMode, 'canary'>
  /** `GET /orders/{orderId}`; every endpoint when absent. */
  readonly endpoints?: readonly string[]
  readonly hosts?: readonly string[]
}

/** The head of every template's document up to and including `match`. */
export function renderHead(
  id: string,
  phase: 'request' | 'response' | 'flow' | undefined,
  options: TemplateOptions,
  more: Readonly<Record<string, readonly string[]>> = {},
): string {
  const lists = {
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
    ...(options.endpoints === undefined ? {} : { endpoints: options.endpoints }),
    ...more,
  }
  const match = Object.entries(lists).map(([name, list]) => `    ${name}: ${JSON.stringify(list)}`)
  return [
    'apiVersion: sallyport/v1alpha1',
    'kind: ApiPolicy',
    `metadata: { name: ${options.name ?? id} }`,
    'spec:',
    ...(phase === undefined ? [] : [`  phase: ${phase}`]),
    ...(match.length === 0 ? [] : ['  match:', ...match]),
    '',
  ].join('\n')
}

/** A list as CEL writes one. */
export const celList = (texts: readonly string[]): string =>
  `[${texts.map(text => JSON.stringify(text)).join(', ')}]`

/** ` && !("support" in identity.roles)` for each role. */
export const unlessRoles = (roles: readonly string[]): string =>
  roles.map(role => ` && !(${JSON.stringify(role)} in identity.roles)`).join('')
