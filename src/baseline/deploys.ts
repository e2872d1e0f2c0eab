import { BoundedMap } from '../kit/bounded-map.ts'
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

/** Recognises deploys by new versions of the workloads that answer. Versions of one workload that were seen before are no news. */
export class Deploys implements Component {
  #versions = new BoundedMap<string, string[]>(5_000)
  #deploys: Deploy[] = []

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
      this.note({ time: call.time, subject, what: `version ${workload.version} after ${before}` })
  }

  note(deploy: Deploy): void {
    this.#deploys.push(deploy)
    if (this.#deploys.length > keptDeploys) this.#deploys.shift()
  }

  /** Deploys in the `withinMs` before `time`, newest first. */
  recent(time: number, withinMs: number): readonly Deploy[] {
    return this.#deploys.filter(one => one.time <= time && time - one.time <= withinMs).reverse()
  }

  save(): unknown {
    return { versions: this.#versions, deploys: this.#deploys }
  }

  load(saved: unknown): void {
    const { versions, deploys } = saved as {
      readonly versions: BoundedMap<string, string[]>
      readonly deploys: Deploy[]
    }
    this.#versions = versions
    this.#deploys = deploys
  }
}
