import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { code, page, table } from './markdown.ts'

const source = join(import.meta.dirname, '../../src')

const meanings: Readonly<Record<string, string>> = {
  sallyport_analysis_errors_total: 'Calls that analysis failed on; each is skipped, the rest goes on.',
  sallyport_api_defects_total: 'API requests answered with a fault of Sallyport itself.',
  sallyport_api_refused_total:
    'API requests refused: not signed in, not permitted, or too many (401, 403, 429).',
  sallyport_api_requests_total: 'API requests.',
  sallyport_bypass: '1 while the kill switch is on.',
  sallyport_calls_per_second: 'Calls observed per second, lately.',
  sallyport_calls_stored_total: 'Calls the store has acknowledged.',
  sallyport_decision_api_given_up_total:
    'Questions to the decision API whose second half never came, by why: too late, or too many waited.',
  sallyport_decision_api_observed_total: 'Finished calls taken by the decision API.',
  sallyport_decision_api_rejected_total: 'Finished calls that the decision API could not read.',
  sallyport_decision_errors_total:
    'Faults while deciding; each let its call pass where the class of its route does not say otherwise.',
  sallyport_decision_failed_closed_total: 'Of those, calls that were refused because their route says so.',
  sallyport_decision_point_errors_total:
    'Faults in the decision points outside of any call; the others went on.',
  sallyport_decision_records_dropped_total: 'Decision records lost for room before they were reported.',
  sallyport_decision_records_folded_total: 'Decision records counted into an earlier one of the same kind.',
  sallyport_amendments_skipped_total:
    'Bodies that a policy would have changed and that could not be read: cut off, in an unknown coding, or no JSON.',
  sallyport_policy_flow_unknown_total:
    'Times that it could not be told what a caller did before: the memory was too young, or had forgotten somebody.',
  sallyport_quarantines_withheld_total:
    'Quarantines by policies that were not made since nothing but an address was known of the caller.',
  sallyport_decisions_dropped_total:
    'Decisions, and quarantines by policy, that were lost for room while the store took none.',
  sallyport_decisions_total: 'Decisions by what was done; shadow is what would have been done.',
  sallyport_endpoints: 'Endpoints known, by state.',
  sallyport_envoy_amended_total:
    'Requests and answers that went on through Envoy changed by a decision, by phase.',
  sallyport_envoy_answers_unseen_total:
    'Requests that ext_authz asked about where policies would have read the answer: it does not show it.',
  sallyport_envoy_bodies_missing_total:
    'Bodies that policies wanted to read and that Envoy did not send, by side; they decided without.',
  sallyport_envoy_bodies_unamended_total:
    'Bodies that a decision wanted changed and that went on as they were: Envoy did not hold the whole of them.',
  sallyport_envoy_headers_left_out_total: 'Headers beyond the bound of a message, which were not looked at.',
  sallyport_envoy_heads_unamended_total:
    'Heads that a decision on the body wanted changed and that had gone on before it.',
  sallyport_envoy_refused_total:
    'Calls of proxies that were refused: a wrong token, a bound, a message that cannot be read.',
  sallyport_envoy_streams_broken_total: 'Exchanges by ext_proc that ended before their answer had.',
  sallyport_envoy_streams_idle_total:
    'Exchanges by ext_proc of which nothing was heard for long; Envoy went on without asking.',
  sallyport_envoy_unknown_messages_total: 'Messages of ext_proc of an unknown kind; each ended its stream.',
  sallyport_envoy_withheld_total: 'Requests and answers stopped through Envoy, by action.',
  sallyport_gateway_amended_total: 'Requests and answers that went on changed by a decision, by phase.',
  sallyport_gateway_bodies_unamended_total:
    'Bodies that a decision wanted changed and that went on as they were: they did not fit into the inspection window.',
  sallyport_gateway_client_aborts_total: 'Clients that went away before their answer was complete.',
  sallyport_gateway_client_timeouts_total:
    'Exchanges given up because the client neither sent nor took a byte for too long.',
  sallyport_gateway_connections_dropped_total: 'Connections refused at the bound of open connections.',
  sallyport_gateway_http2_errors_total: 'Faults of HTTP/2 connections of clients.',
  sallyport_gateway_http2_floods_total:
    'HTTP/2 connections ended because of what costs a client nothing, by kind: streams taken back (reset), pings, settings, refused heads.',
  sallyport_gateway_http2_streams_refused_total:
    'HTTP/2 requests refused because their head has too many fields or bytes.',
  sallyport_gateway_pipelining_refused_total:
    'Connections ended because they pipelined requests beyond the bound.',
  sallyport_gateway_refused_total: 'Requests refused because they can be read in two ways, by shape.',
  sallyport_gateway_requests_total: 'Requests taken by the gateway.',
  sallyport_gateway_tls_connections_total: 'TLS connections of clients, by the protocol that was agreed on.',
  sallyport_gateway_tls_handshakes_failed_total: 'TLS handshakes of clients that failed or did not end.',
  sallyport_gateway_tunnel_bytes_total: 'Bytes passed through upgraded connections, both directions.',
  sallyport_gateway_upgrades_total: 'Connections upgraded, e.g. to WebSocket.',
  sallyport_gateway_upstream_connections: 'Connections open to the protected API.',
  sallyport_gateway_upstream_failures_total: 'Requests the protected API did not answer, by error code.',
  sallyport_gateway_upstream_retries_total: 'Requests sent again on a fresh connection.',
  sallyport_gateway_websocket_left_out_total:
    'WebSocket messages that were counted, but not kept with their text: beyond the bounds of a report, binary, or coded by an extension.',
  sallyport_gateway_websocket_messages_total: 'WebSocket messages that went through, both directions.',
  sallyport_gateway_websocket_unreadable_total:
    'Upgraded connections that turned out to be no WebSocket; they were passed on unread.',
  sallyport_forward_auth_undone_total:
    'What verdicts asked for that cannot be done by the proxy that asked, by part of the exchange.',
  sallyport_gateway_withheld_total: 'Requests and answers stopped by a decision, by action.',
  sallyport_incidents_open: 'Open incidents by severity.',
  sallyport_ingest_dropped_total: 'Calls that passed but were not analysed or not stored, by reason.',
  sallyport_live_clients: 'Live feeds open.',
  sallyport_live_cut_off_total: 'Live feeds ended because they did not keep up.',
  sallyport_live_dropped_total: 'Events left out of live feeds that did not keep up.',
  sallyport_policies: 'Policies in force.',
  sallyport_policy_bundle_age_seconds:
    'Since control last spoke to a decision point; it does so each minute.',
  sallyport_policy_bundle_version: 'Of the bundle of policies in force.',
  sallyport_policy_bypass: '1 while something is set aside by the file or the environment of this machine.',
  sallyport_policy_bundles_refused_total:
    'Times that policies did not compile and the last good ones stayed.',
  sallyport_policy_faults_total: "Expressions that failed; the policy's `onError` decided.",
  sallyport_principals: 'Principals known.',
  sallyport_quarantines_dropped_total:
    'Quarantines by policy that were lost for room before they were reported.',
  sallyport_requests_observed_total: 'Events a source has handed over.',
  sallyport_ring_dropped_total: 'Calls that did not fit into the ring between a gateway loop and analysis.',
  sallyport_state_entries: 'Entries of state that analysis holds, by kind.',
  sallyport_state_errors_total: 'Failed writes to the state store.',
  sallyport_state_evictions_total: 'Entries of state forgotten at a bound, by kind.',
  sallyport_state_refused_total:
    'Things met that there was no room for and that are not learned, by kind: operations of one endpoint, fields of schemas, words of paths, places of findings; by detector, what it could not wait to judge.',
  sallyport_state_bytes: 'Size of what analysis learned as it was last written to disk.',
  sallyport_state_keep_errors_total:
    'Times what analysis learned could not be written to disk; each is tried again.',
  sallyport_sensor_errors_total: 'Faults in the sensors beside the request path; the others went on.',
  sallyport_store_append_errors_total: 'Batches the calls store did not take; each is sent again.',
  sallyport_store_retention_errors_total: 'Runs of retention that failed.',
  sallyport_store_waiting_calls: 'Calls waiting for the calls store.',
  sallyport_thread_restarts_total: 'Threads that died and were started again.',
  sallyport_shared_budget_connection_errors_total: 'Connections to the shared budgets that failed or broke.',
  sallyport_shared_budget_late_answers_total:
    'Answers of the shared budgets that came after their request had gone on: what others took is known from them all the same.',
  sallyport_shared_budget_total:
    'Questions to the shared budgets, by answer: shared, or none because it came late, was down, or was skipped after late ones; then each process counts alone.',
  sallyport_throttle_buckets_forgotten_total: 'Throttling counts forgotten at the bound.',
  sallyport_up_seconds: 'Seconds since the start.',
  sallyport_spoe_faults_total:
    'Frames of HAProxy that could not be read, which ended their connection, and requests without a path, which were refused.',
}

/** Spelled like a metric, and none: the name of the session cookie. */
const others = new Set(['sallyport_session'])

/** Stores count on their own; of their counters only those that a loop reports are described. */
const isQuiet = (file: string): boolean => file.startsWith('store/') && !file.startsWith('store/redis/')

export interface Metric {
  readonly name: string
  readonly labels: ReadonlySet<string>
  /** Rooms that count it. */
  readonly rooms: ReadonlySet<string>
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(path)
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) yield path
  }
}

const withoutComments = (text: string): string => text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '')

/** Every metric named in the source, by name. */
export function metrics(): readonly Metric[] {
  const found = new Map<string, { name: string; labels: Set<string>; rooms: Set<string> }>()
  for (const file of sourceFiles(source)) {
    const path = relative(source, file)
    if (isQuiet(path)) continue
    const room = path.split('/')[0] as string
    for (const [, name = '', labels = ''] of withoutComments(readFileSync(file, 'utf8')).matchAll(
      /\b(sallyport_[a-z][a-z0-9_]+)(?:\{([a-z]+="[^\n]*?)\}['`])?/g,
    )) {
      if (others.has(name)) continue
      const metric = found.get(name) ?? { name, labels: new Set(), rooms: new Set() }
      for (const [, label = ''] of labels.matchAll(/([a-z]+)="/g)) metric.labels.add(label)
      metric.rooms.add(room)
      found.set(name, metric)
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function meaningOf(name: string): string {
  const meaning = meanings[name]
  if (meaning === undefined)
    throw new TypeError(`the metric ${name} has no sentence in scripts/reference/metrics.ts`)
  return meaning
}

/** `metrics.md`: what `GET /metrics` may show. */
export function metricsPage(): string {
  const all = metrics()
  const stale = Object.keys(meanings).filter(name => !all.some(metric => metric.name === name))
  if (stale.length > 0) throw new TypeError(`no source names the metrics ${stale.join(', ')}`)
  return page(
    'Metrics',
    'the metric names in `src`',
    `${code('GET /metrics')} answers in the Prometheus text format, for tokens with the role viewer. Names ending in ${code('_total')} only grow; a name appears
with its first count. Labels are from closed lists: nothing that traffic can grow is one.`,
    table(
      ['metric', 'type', 'labels', 'counted in', 'what it says'],
      all.map(({ name, labels, rooms }) => [
        code(name),
        name.endsWith('_total') ? 'counter' : 'gauge',
        [...labels].map(code).join(' '),
        [...rooms].map(room => code(`src/${room}`)).join(' '),
        meaningOf(name),
      ]),
    ),
  )
}
