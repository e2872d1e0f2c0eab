export const incidentPath = (id: string): string => `/incidents/${encodeURIComponent(id)}`
// Ends in a slash: an id such as `user:anna@shop.example` would otherwise look like a file to whoever serves the page.
export const endpointPath = (id: string): string => `/apis/${encodeURIComponent(id)}/`
/** Signals about software name a node of the graph where they would name a caller: that has a page of its own. */
export function principalPath(id: string): string {
  if (id.startsWith('workload:')) return `/workloads/${encodeURIComponent(id.slice('workload:'.length))}/`
  if (id.startsWith('identity:')) return `/graph?${new URLSearchParams({ focus: id })}`
  return `/principals/${encodeURIComponent(id)}/`
}
export const policyPath = (name: string): string => `/policies/${encodeURIComponent(name)}/`

type Params = Readonly<Record<string, string | undefined>>

function withParams(path: string, params: Params): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params))
    if (value !== undefined && value !== '') search.set(key, value)
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The calls explorer under a filter: keys are those of the API's call query. */
export const callsPath = (filter: Params): string => withParams('/calls', filter)

/** What changed in the catalog, under a filter. */
export const changesPath = (filter: Params): string => withParams('/apis/changes', filter)

/** The list of findings under a filter; with `finding`, that one open beside it. */
export const findingsPath = (filter: Params): string => withParams('/findings', filter)

/** Where to go after signing in: a path of this console, never another site's address. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith('/') || next.startsWith('//') || next.startsWith('/\\')) return '/'
  return next.startsWith('/sign-in') ? '/' : next
}

/** What a policy is recommended for, by its id. */
export type PolicySubject = { readonly incident: string } | { readonly finding: string }

/** The policy editor, with what would stop it. */
export const newPolicyPath = (subject: PolicySubject): string => withParams('/policies/new', { ...subject })

export const workloadPath = (name: string): string => `/workloads/${encodeURIComponent(name)}/`

/** The graph under a question: who reaches what, or what lies around one node. */
export const graphPath = (question: Params): string => withParams('/graph', question)

/** Every way from the internet to a class of data. */
export const dataPath = (dataClass?: string): string => withParams('/graph/data', { class: dataClass })

/** How one detector is set, and what people made of what it said. */
export const detectorPath = (id: string): string => `/tuning/${encodeURIComponent(id)}/`

/** What policies decided, under a filter; with `decision`, that one open beside it. */
export const decisionsPath = (filter: Params): string => withParams('/decisions', filter)
