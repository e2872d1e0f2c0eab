import type { Observation } from '../baseline/observation.ts'
import { OwnerBindings, type OwnerBindingsOptions } from '../baseline/owner-bindings.ts'
import { SallyportError } from '../kit/error.ts'
import type { EndpointId, IncidentId, SignalId } from '../kit/id.ts'
import { Correlator, type CorrelatorOptions } from './correlate.ts'
import type { DetectorDefinition, DetectorRun } from './detector.ts'
import { detectors as registry } from './detectors/index.ts'
import type { Incident } from './incident.ts'
import type { Signal } from './signal.ts'
import { SignalLedger, type SignalLedgerOptions } from './signal-ledger.ts'

export interface DetectionOptions {
  /** Detector id → option name → value, over the detectors' defaults. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Ids of detectors that do not run. */
  readonly disabled?: readonly string[]
  readonly owners?: Partial<OwnerBindingsOptions>
  readonly ledger?: Partial<SignalLedgerOptions>
  readonly correlator?: Partial<CorrelatorOptions>
  /** The detectors to run instead of the registered ones. */
  readonly detectors?: readonly DetectorDefinition[]
}

export interface DetectionResult {
  /** New or grown by this call. */
  readonly signals: readonly Signal[]
  /** New or changed by this call; `incident` tells them. */
  readonly incidents: readonly IncidentId[]
}

export interface DetectionStats {
  readonly calls: number
  readonly findings: number
  readonly signals: number
  readonly signalsEvicted: number
  readonly incidents: number
  readonly incidentsEvicted: number
  /** Entries of state by detector. */
  readonly state: Readonly<Record<string, number>>
}

const nothing: DetectionResult = Object.freeze({ signals: Object.freeze([]), incidents: Object.freeze([]) })

/** Calls in, signals and incidents out. Deterministic: the same observations in the same order give the same answer. */
export class Detection {
  readonly owners: OwnerBindings
  readonly #runs: readonly { readonly definition: DetectorDefinition; readonly run: DetectorRun }[]
  readonly #ledger: SignalLedger
  readonly #correlator: Correlator
  #calls = 0
  #findings = 0

  /** @throws SallyportError `config/invalid` for an unknown detector or option */
  constructor(options: DetectionOptions = {}) {
    const definitions = options.detectors ?? registry
    check(definitions, options)
    this.owners = new OwnerBindings(options.owners)
    this.#ledger = new SignalLedger(options.ledger)
    this.#correlator = new Correlator(options.correlator)
    const disabled = new Set(options.disabled ?? [])
    this.#runs = definitions
      .filter(({ id }) => !disabled.has(id))
      .map(definition => ({
        definition,
        run: definition.create({
          owners: this.owners,
          option: optionsOf(definition, options),
        }),
      }))
  }

  /** Judges the call, then learns from it: a call is never evidence for its own normality. */
  observe(o: Observation): DetectionResult {
    this.#calls += 1
    const signals: Signal[] = []
    const incidents = new Set<IncidentId>()
    for (const { definition, run } of this.#runs) {
      const findings = run.observe(o)
      if (findings.length === 0 || o.learning) continue
      for (const finding of findings) {
        this.#findings += 1
        const record = this.#ledger.apply(definition, finding, o.call.time, o.identity)
        signals.push(record.signal)
        const incident = this.#correlator.add(record, o)
        if (incident !== undefined) incidents.add(incident)
      }
    }
    this.#correlator.count(o)
    this.owners.observe(o)
    if (signals.length === 0) return nothing
    return { signals, incidents: [...incidents] }
  }

  /** An endpoint was folded into another: everything learned moves along. */
  merged(from: EndpointId, to: EndpointId): void {
    this.owners.merged(from, to)
    for (const { run } of this.#runs) run.merged?.(from, to)
    for (const record of this.#ledger.merged(from, to)) this.#correlator.replace(record)
  }

  signals(): readonly Signal[] {
    return this.#ledger.signals()
  }

  signal(id: SignalId): Signal | undefined {
    return this.#ledger.signal(id)
  }

  incident(id: IncidentId): Incident | undefined {
    return this.#correlator.incident(id)
  }

  /** Incidents that turned out to be part of another, since the last time this was asked. */
  drainFolded(): readonly IncidentId[] {
    return this.#correlator.drainFolded()
  }

  incidents(): readonly Incident[] {
    return this.#correlator.incidents()
  }

  get stats(): DetectionStats {
    return {
      calls: this.#calls,
      findings: this.#findings,
      signals: this.#ledger.size,
      signalsEvicted: this.#ledger.evicted,
      incidents: this.#correlator.size,
      incidentsEvicted: this.#correlator.evicted,
      state: Object.fromEntries([
        ['owner-bindings', this.owners.size()],
        ...this.#runs.map(({ definition, run }) => [definition.id, run.size()] as const),
      ]),
    }
  }
}

/** The detector's option values, configured or default, resolved once. */
function optionsOf(definition: DetectorDefinition, options: DetectionOptions): (name: string) => number {
  const values = new Map(
    Object.entries(definition.options).map(([name, declared]) => [
      name,
      options.options?.[definition.id]?.[name] ?? declared.default,
    ]),
  )
  return name => {
    const value = values.get(name)
    if (value === undefined)
      throw new SallyportError('internal/defect', `Detector ${definition.id} has no option ${name}.`)
    return value
  }
}

function check(definitions: readonly DetectorDefinition[], options: DetectionOptions): void {
  const known = new Map(definitions.map(definition => [definition.id, definition]))
  for (const id of options.disabled ?? []) {
    if (!known.has(id))
      throw new SallyportError('config/invalid', `There is no detector "${id}".`, {
        mend: `Known: ${[...known.keys()].join(', ')}.`,
      })
  }
  for (const [id, values] of Object.entries(options.options ?? {})) {
    const definition = known.get(id)
    if (definition === undefined)
      throw new SallyportError('config/invalid', `There is no detector "${id}".`, {
        mend: `Known: ${[...known.keys()].join(', ')}.`,
      })
    for (const [name, value] of Object.entries(values)) {
      if (definition.options[name] === undefined) {
        throw new SallyportError('config/invalid', `The detector ${id} has no option "${name}".`, {
          mend: `Known: ${Object.keys(definition.options).join(', ')}.`,
        })
      }
      if (!Number.isFinite(value))
        throw new SallyportError('config/invalid', `Option ${name} of ${id} must be a number.`)
    }
  }
}
