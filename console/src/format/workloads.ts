import type { EntitlementView } from '../../../src/server/api/entitlement.ts'
import type { GraphEdgeView, GraphPathView } from '../../../src/server/api/graph.ts'
import type { WorkloadDetailView, WorkloadView } from '../../../src/server/api/workload.ts'
import { nodeName, nodeParts } from './graph-names.ts'
import { listed, plural } from './number.ts'

/** How many there are, where, and which of them the outside can reach. */
export function workloadsSentence(workloads: readonly WorkloadView[], q: string, more: boolean): string {
  if (workloads.length === 0) return q === '' ? 'No workload was seen yet.' : `No workload is called “${q}”.`
  const places = new Set(workloads.map(({ namespace }) => namespace).filter(one => one !== undefined)).size
  const open = workloads.filter(({ exposure }) => exposure === 'internet')
  const found = `${more ? 'More than ' : ''}${plural(workloads.length, 'workload')}${q === '' ? '' : ` with “${q}”`}${
    places > 1 ? ` in ${places} namespaces` : ''
  }`
  if (open.length === 0) return `${found}; none is known to be reachable from the internet.`
  return `${found}; the internet can reach ${listed(
    open.map(({ id }) => id),
    3,
  )}.`
}

/** `workload`, `Deployment` …, as its orchestrator calls it. */
export const workloadKind = ({ kind }: Pick<WorkloadView, 'kind'>): string =>
  kind?.toLowerCase() ?? 'workload'

/** What one workload does, in a sentence. */
export function workloadSentence(workload: WorkloadDetailView): string {
  const { serves, calls, stores, identities, callers } = workload
  const doing = [
    serves.length === 0 ? '' : `answers ${plural(serves.length, 'endpoint')}`,
    calls.length === 0 ? '' : `calls ${called(calls)}`,
    stores.length === 0 ? '' : `uses ${plural(new Set(stores.map(({ to }) => to)).size, 'store')}`,
    identities.length === 0 ? '' : `runs as ${listed(identities.map(({ to }) => nodeName(to)))}`,
  ].filter(text => text !== '')
  const does = doing.length === 0 ? 'was seen to do nothing yet' : listed(doing, 5)
  const outside = callers.some(({ from }) => from === 'internet') || workload.exposure === 'internet'
  return `${workload.name} ${does}${outside ? '; the internet can reach it' : ''}.`
}

/** Other workloads and hosts; where only endpoints are known, those. */
function called(calls: readonly GraphEdgeView[]): string {
  const parties = calls.filter(({ to }) => nodeParts(to).kind !== 'endpoint').length
  return parties > 0 ? plural(parties, 'other', 'others') : plural(calls.length, 'endpoint')
}

/** Why it counts as reachable: what lets somebody in, and whether anybody came. `ways` are those from the internet. */
export function exposureWhy(
  workload: Pick<WorkloadDetailView, 'callers' | 'exposure'>,
  ways: readonly Pick<GraphPathView, 'did' | 'edges'>[],
): string {
  const open = workload.callers.find(({ from, kind }) => from === 'internet' && kind === 'exposes')
  const came = ways.some(({ did }) => did)
  if (open !== undefined)
    return `An ingress, route or load balancer lets the internet in${came || open.did ? ', and calls came that way' : '; no call came that way yet'}.`
  if (came) return 'Calls from the internet come to it.'
  if (ways.length > 0) return 'The internet may come to it, but never did.'
  const { exposure } = workload
  if (exposure === 'internet') return 'It is declared to be open to the internet.'
  if (exposure !== undefined) return `Only from within the ${exposure}, as far as is known.`
  return 'Nothing is known to let the internet in.'
}

/** The versions that were seen to act, newest last seen first. */
export function versionsOf(
  workload: WorkloadDetailView,
): readonly { readonly version: string; readonly lastSeen: string }[] {
  const seen = new Map<string, string>()
  const edges: readonly GraphEdgeView[] = [...workload.calls, ...workload.stores]
  for (const { version, lastSeen } of edges)
    if (version !== undefined && (seen.get(version) ?? '') < lastSeen) seen.set(version, lastSeen)
  if (workload.version !== undefined && !seen.has(workload.version))
    seen.set(workload.version, workload.lastSeen)
  return [...seen]
    .map(([version, lastSeen]) => ({ version, lastSeen }))
    .sort((a, b) => (a.lastSeen < b.lastSeen ? 1 : -1))
}

/** Grants of what a workload runs as and of what that may take on, unused ones first. */
export function grantsOf(
  workload: Pick<WorkloadDetailView, 'id' | 'identities'>,
  takenOn: readonly string[],
  all: readonly EntitlementView[],
): readonly EntitlementView[] {
  const own = new Set([...workload.identities.map(({ to }) => to), ...takenOn])
  return all
    .filter(({ identity, workloads }) => own.has(identity) || workloads.includes(`workload:${workload.id}`))
    .sort((a, b) => Number(a.used) - Number(b.used) || (a.target < b.target ? -1 : 1))
}

/** `3 of 4 grants were not used in 30 days.` */
export function grantsSentence(grants: readonly EntitlementView[]): string {
  const unused = grants.filter(({ used }) => !used).length
  if (grants.length === 0) return 'No grant is known of what it runs as.'
  if (unused === 0)
    return `${grants.length === 1 ? 'Its grant was' : `All ${grants.length} grants were`} used in the last 30 days.`
  return `${unused} of ${plural(grants.length, 'grant')} ${unused === 1 ? 'was' : 'were'} not used in the last 30 days: ${unused === 1 ? 'it' : 'they'} can be taken away.`
}
