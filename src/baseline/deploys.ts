import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'
import type { Observation } from './observation.ts'

/** A change of the software behind the API. */
export interface Deploy {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** `namespace/name` of the workload, or the host where calls show a shift without a version. */
  readonly subject: string
  /** In words: `version 1.4.2 after 1.4.1`. */
  readonly what: string
}

const keptDeploys = 256
const keptVersions = 16
/** So many endpoints of a host whose answers change size for good within an hour are a change of the software. */
const shiftedEndpoints = 3
const shiftMs = 3_600_000

interface Shift {
  readonly endpoint: EndpointId
  readonly time: number
}

/**
 * Recognises deploys by new versions of the workloads that answer (versions of one workload that were seen before are no news), and by
 * the answers of several endpoints of a host changing size for good within an hour, whoever calls.
 */
export class Deploys implements Component {
  #versions = new BoundedMap<string, string[]>(5_000)
  #deploys: Deploy[] = []
  /** By host. */
  #shifts = new BoundedMap<string, Shift[]>(1_000)

  observe({ call }: Observation): void {
    const workload = call.destination.workload
    if (workload?.version === undefined || workload.name === undefined) return
    const subject =
      workload.namespace === undefined ? workload.name : `${workload.namespace}/${workload.name}`
    const versions = this.#versions.ensure(subject, () => [])
    if (versions.includes(workload.version)) return
    const before = versions.at(-1)
    versions.push(workload.version)
    if (versions.length > keptVersions) versions.shift()
    if (before !== undefined)
      this.#note({ time: call.time, subject, what: `version ${workload.version} after ${before}` })
  }

  /** The answers of the call's endpoint have changed for good. */
  shifted({ call, match }: Observation): void {
    const { time, destination } = call
    const shifts = this.#shifts.ensure(destination.host, () => [])
    const near = shifts.filter(one => time - one.time <= shiftMs && one.endpoint !== match.endpoint)
    near.push({ endpoint: match.endpoint, time })
    if (near.length >= shiftedEndpoints) {
      this.#note({ time, subject: destination.host, what: `answers of ${near.length} endpoints changed` })
      near.length = 0
    }
    this.#shifts.set(destination.host, near)
  }

  #note(deploy: Deploy): void {
    this.#deploys.push(deploy)
    if (this.#deploys.length > keptDeploys) this.#deploys.shift()
  }

  /** Deploys in the `withinMs` before `time`, newest first. */
  recent(time: number, withinMs: number): readonly Deploy[] {
    return this.#deploys.filter(one => one.time <= time && time - one.time <= withinMs).reverse()
  }

  save(): unknown {
    return { versions: this.#versions, deploys: this.#deploys, shifts: this.#shifts }
  }

  load(saved: unknown): void {
    const { versions, deploys, shifts } = saved as {
      readonly versions: BoundedMap<string, string[]>
      readonly deploys: Deploy[]
      readonly shifts: BoundedMap<string, Shift[]>
    }
    this.#versions = versions
    this.#deploys = deploys
    this.#shifts = shifts
  }
}
