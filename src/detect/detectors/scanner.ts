import type { Observation } from '../../baseline/observation.ts'
import { crossesByName } from '../../baseline/privilege.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { CallId } from '../../kit/id.ts'
import { Sprt } from '../../kit/sprt.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { isManagementPath, type ProbeKind, probeOf } from '../probe-paths.ts'
import { counted, whoIs } from '../words.ts'

const hour = 3_600_000
const keptCalls = 60
const keptPaths = 256
const keptForms = 64

/** One caller's stretch of asking for what is not there. */
interface Scan {
  from: number
  last: number
  /** Hashes of the different targets that missed or failed. */
  readonly paths: number[]
  /** Hashes of their forms, the numbers in them left out. */
  readonly forms: number[]
  hits: number
  misses: number
  errors: number
  readonly probes: Set<ProbeKind>
  readonly test: Sprt
  accepted: boolean
  recent: CallId[]
  raised: boolean
}

/** How calls of a host usually end, of each caller's first ten; those who are signed in by themselves. */
interface Host {
  calls: number
  misses: number
  errors: number
  /** Callers who, in settled history, did what this detector would raise. */
  readonly ordinary: Set<string>
}

type Feature = 'miss' | 'error' | 'probe'

/** A miss, an error or a probe is this likely of a scanner. */
const ofScanner: Readonly<Record<Feature, number>> = { miss: 0.3, error: 0.05, probe: 0.1 }

class ScannerRun implements DetectorRun {
  readonly #context: DetectContext
  #scans: BoundedMap<string, Scan>
  #hosts = new BoundedMap<string, Host>(5_000)
  /** Debugging pages that were told of, by caller. */
  #told = new BoundedMap<string, true>(5_000)

  constructor(context: DetectContext) {
    this.#context = context
    this.#scans = new BoundedMap(context.option('scans'))
  }

  observe(o: Observation): readonly Finding[] {
    const status = o.call.response?.status
    if (status === undefined || actsForOthers(o)) return []
    const debug = this.#debug(o)
    const { host } = o.call.destination
    const rates = this.#hosts.ensure(isMember(o) ? `${host}\0member` : host, () => ({
      calls: 0,
      misses: 0,
      errors: 0,
      ordinary: new Set(),
    }))
    const feature = this.#feature(o, status)
    const caller = callerOf(o)
    const key = `${caller}\0${host}`
    const scan = this.#scans.get(key)
    const going = scan !== undefined && o.call.time - scan.last <= this.#context.option('idleHours') * hour
    // Nothing is kept of who never missed.
    if (feature === undefined) {
      this.#count(o, rates, undefined)
      if (going) {
        scan.test.add(false, this.#missRate(o, rates), ofScanner.miss)
        scan.last = o.call.time
      }
      return debug
    }
    const current = going ? scan : newScan(o.call.time)
    if (!going) this.#scans.set(key, current)
    current.last = o.call.time
    const mark = hash32(o.call.request.target.slice(0, 500))
    if (current.paths.includes(mark)) return this.#more(o, rates, caller, current, false, debug)
    if (current.paths.length < keptPaths) current.paths.push(mark)
    const form = hash32(o.call.request.path.slice(0, 500).replace(/[0-9]/g, ''))
    if (current.forms.length < keptForms && !current.forms.includes(form)) current.forms.push(form)
    this.#count(o, rates, current.hits < 10 ? feature : undefined)
    current.hits += 1
    if (feature === 'error') current.errors += 1
    else current.misses += 1
    const probe = probeOf(o.call.request.target)
    if (probe !== undefined) current.probes.add(probe)
    const before =
      feature === 'probe'
        ? 0.001
        : feature === 'miss'
          ? this.#missRate(o, rates)
          : Math.min(0.04, Math.max(0.005, (rates.errors + 1) / (rates.calls + 200)))
    current.accepted = current.test.add(true, before, ofScanner[feature])
    current.recent.push(o.call.id)
    if (current.recent.length > keptCalls) current.recent.shift()
    return this.#more(o, rates, caller, current, true, debug)
  }

  size(): number {
    return this.#scans.size + this.#hosts.size + this.#told.size
  }

  save(): unknown {
    return { scans: this.#scans, hosts: this.#hosts, told: this.#told }
  }

  load(saved: unknown): void {
    const { scans, hosts, told } = saved as {
      readonly scans: BoundedMap<string, Scan>
      readonly hosts: BoundedMap<string, Host>
      readonly told: BoundedMap<string, true>
    }
    this.#scans = scans
    this.#hosts = hosts
    this.#told = told
  }

  #feature(o: Observation, status: number): Feature | undefined {
    const { path, target } = o.call.request
    if (o.outcome !== 'success' && probeOf(target) !== undefined) return 'probe'
    if (status === 404 || status === 405 || status === 410 || status === 501) {
      // A missing object at an endpoint that is there is no unknown path.
      const endpoint = this.#context.baseline.endpoint(o.match.endpoint)
      const there = o.match.params.length > 0 && endpoint !== undefined && endpoint.count('success') > 0
      return there || path === '/favicon.ico' || path === '/robots.txt' ? undefined : 'miss'
    }
    return status === 500 || status === 400 || status === 414 || status === 431 ? 'error' : undefined
  }

  #missRate(o: Observation, { calls, misses }: Host): number {
    const floor = this.#context.option(isMember(o) ? 'memberFloor' : 'missFloor')
    return Math.min(0.15, Math.max(floor, (misses + 1) / (calls + 20)))
  }

  #count(o: Observation, rates: Host, feature: Feature | undefined): void {
    const profile = this.#context.baseline.profile(o.identity.principal)
    if (feature === undefined && (profile?.calls ?? 0) >= 200) return
    rates.calls += 1
    if (feature === 'miss' || feature === 'probe') rates.misses += 1
    else if (feature === 'error') rates.errors += 1
    // Halved now and then: what is usual is what was usual lately.
    if (rates.calls >= 20_000) {
      rates.calls /= 2
      rates.misses /= 2
      rates.errors /= 2
    }
  }

  /** What the stretch amounts to with this call. */
  #more(
    o: Observation,
    rates: Host,
    caller: string,
    scan: Scan,
    fresh: boolean,
    debug: readonly Finding[],
  ): readonly Finding[] {
    const enough =
      scan.hits >= this.#context.option('paths') || scan.probes.size >= this.#context.option('probes')
    if (!scan.raised && !(fresh && scan.accepted && enough)) return debug
    if (o.learning) {
      if (rates.ordinary.size < 64) rates.ordinary.add(caller)
      return debug
    }
    if (rates.ordinary.has(caller)) return debug
    const evidence = scan.raised ? [o.call.id] : [...scan.recent]
    scan.raised = true
    const probes = [...scan.probes]
    // The net at large tries everything everywhere; who has an account and looks for what it was not shown is after something.
    const search =
      (isMember(o) && scan.forms.length >= this.#context.option('search')) ||
      (o.identity.kind !== 'anonymous' && scan.hits >= this.#context.option('signedIn'))
    const { endpoint: _, ...who } = blame(o)
    return [
      ...debug,
      {
        message: probes.length > 1 ? 'scanner' : 'unknown',
        observed: {
          who: whoIs(o.identity),
          what: counted(scan.hits, 'different path'),
          paths: scan.hits,
          missed: scan.misses,
          errors: scan.errors,
          probes,
          host: o.call.destination.host,
        },
        expected: {
          misses: `about ${Math.round(100 * this.#missRate(o, rates))} % of calls miss here`,
          calls: Math.round(rates.calls),
        },
        attempt: true,
        confidence: Math.max(
          search ? 0.86 : 0,
          Math.min(0.97, 0.75 + 0.05 * probes.length + scan.hits / 400),
        ),
        severity: search ? 'high' : probes.length > 1 || scan.hits >= 50 ? 'medium' : 'low',
        ...who,
        evidence,
        key: `${caller}\0${o.call.destination.host}\0${scan.from}`,
      },
    ]
  }

  /** A page for those who run the software, opened by somebody who does not. */
  #debug(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' || o.call.source.workload !== undefined) return []
    if (!isManagementPath(o.call.request.path)) return []
    const { baseline } = this.#context
    const habit = `management ${o.match.endpoint}`
    const normal = baseline.isNormal(habit, o.call.time)
    const profile = baseline.profile(o.identity.principal)
    const used = profile === undefined ? false : profile.hasUsed(o.match.endpoint)
    const admitted = o.identity.roles.some(role => crossesByName(role, 'user'))
    baseline.vote(habit, o)
    if (o.learning || normal || admitted || used === undefined) return []
    // Who opened it before the software was watched, or was told of already and is not shut out, goes on being told of.
    const key = `${callerOf(o)}\0${o.match.endpoint}\0debug`
    if (used && !this.#told.has(key)) return []
    this.#told.set(key, true)
    return [
      {
        message: 'debug',
        observed: { who: whoIs(o.identity), endpoint: o.match.endpoint },
        expected: { callers: baseline.endpoint(o.match.endpoint)?.principals ?? 0 },
        attempt: false,
        confidence: 0.85,
        severity: 'high',
        ...blame(o),
        evidence: [o.call.id],
        key,
      },
    ]
  }
}

/** Whether the caller is a person with an account: what they call is what their programs know. */
const isMember = ({ identity: { kind } }: Observation): boolean =>
  kind === 'user' || kind === 'session' || kind === 'token'

const newScan = (time: number): Scan => ({
  from: time,
  last: time,
  paths: [],
  forms: [],
  hits: 0,
  misses: 0,
  errors: 0,
  probes: new Set(),
  test: new Sprt(1e-5, 0.05),
  accepted: false,
  recent: [],
  raised: false,
})

export const scanner = defineDetector({
  id: 'scanner',
  title: 'Looking for what might be there',
  summary:
    'Follows callers whose paths do not exist, whose calls break the server or who ask for files that only scanners ask for, by a sequential test against how calls of that host usually end. A management or debugging page that is opened with success, by somebody who is not known to, is told at once.',
  family: 'automation',
  severity: 'medium',
  owasp: ['API8:2023', 'API9:2023'],
  attack: ['T1595.003', 'T1595.002'],
  options: {
    scans: {
      default: 20_000,
      reason: 'Callers with misses followed at a time; about 2 KB each under attack.',
    },
    idleHours: {
      default: 12,
      reason: 'A slow scan asks every hour and pauses at night.',
    },
    missFloor: { default: 0.05, reason: 'People mistype and follow dead links in one call of twenty.' },
    memberFloor: {
      default: 0.01,
      reason: 'Programs of people with an account call what there is: dead links are one call of a hundred.',
    },
    search: {
      default: 10,
      reason: 'Ten forms of paths that are not there, by one account: no old version has lost so many.',
    },
    paths: { default: 10, reason: 'Ten different paths that fail: fewer are a page with dead links.' },
    signedIn: {
      default: 35,
      reason:
        'Thirty-five different unknown paths of one account: no person mistypes so often, and a client with an old link asks for the same.',
    },
    probes: {
      default: 3,
      reason:
        'Three kinds of files that only scanners ask for, such as a repository, a backup and a foreign login page.',
    },
  },
  messages: {
    scanner: '{who} scanned {host}: {what} that are not there, looking for {probes}.',
    unknown: '{who} tried {what} at {host} that do not exist or break.',
    debug: '{who} opened {endpoint}, a page for those who run the software.',
  },
  whenNotAnAttack:
    'A vulnerability scan you ordered, a crawler on a site with many dead links, a client of a version whose paths are gone, or an operator whose role does not say so.',
  examples: {
    fires: [
      'anonymous GET /admin -> 404\nanonymous GET /backup.zip -> 404\nanonymous GET /.git/config -> 404\nanonymous GET /.env -> 404\nanonymous GET /wp-login.php -> 404\nanonymous GET /server-status -> 404',
      Array.from(
        { length: 20 },
        (_, index) =>
          `anonymous GET /${['api', 'v2', 'old', 'test'][index % 4]}/part${index} every 200ms -> 404`,
      ).join('\n'),
      `learn alice,bob,carol GET /me x 20 -> 200\n${Array.from({ length: 40 }, (_, index) => `mallory GET /${['webhooks', 'flags', 'import'][index % 3]}/part${index} every 9s -> 404`).join('\n')}`,
      `learn alice,bob,carol GET /me x 20 -> 200
${[
  'tools',
  'stats',
  'legacy/users',
  'beta',
  'internal/flags',
  'reports',
  'ops',
  'queue/jobs',
  'audit',
  'config',
  'partners',
  'ledger',
]
  .map(path => `mallory GET /me -> 200\nmallory GET /${path} every 40m -> 404`)
  .join('\n')}`,
      'learn alice,bob,carol GET /me x 20 -> 200\nanonymous GET /users/v1/_debug -> 200 {"users":[]}',
    ],
    quiet: [
      'alice GET /me x 40 -> 200\nalice GET /old-page -> 404\nalice GET /gone -> 404\nalice GET /me x 20 -> 200',
      'anonymous GET /favicon.ico x 60 -> 404',
      'learn alice,bob,carol GET /me x 20 -> 200\nalice GET /v1/thumbs/{1..9} -> 404\nalice GET /me x 30 -> 200',
      'alice GET /orders/{1..5} -> 200\nalice GET /orders/{900..925} -> 404',
      'learn operator GET /actuator/env -> 200\nwait 1d\noperator GET /actuator/env -> 200',
      'root roles=admin GET /debug -> 200',
    ],
  },
  create: context => new ScannerRun(context),
})
