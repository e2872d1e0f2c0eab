import { BoundedMap } from '../kit/bounded-map.ts'
import type { Control } from './control.ts'

export type QuarantineKind = 'principal' | 'token' | 'device'

interface Listed {
  readonly id: string
  readonly expiresAt: number
}

type ControlEntries = Readonly<Record<QuarantineKind, Map<string, Listed>>>

/** Entries of this instance that control has not confirmed yet. */
export const maxLocalEntries = 10_000

/**
 * Who is shut out. Control's list is the truth; what this instance added is in force at once and until control's list
 * has contained it, so that releasing it there ends it here.
 */
export class QuarantineList {
  /** By kind and target: who asks for every request should not have to put a key together. */
  #control: ControlEntries = { principal: new Map(), token: new Map(), device: new Map() }
  readonly #local = new BoundedMap<string, Listed>(maxLocalEntries)

  replace(entries: Control['quarantine']): void {
    const control: ControlEntries = { principal: new Map(), token: new Map(), device: new Map() }
    for (const { id, kind, target, expiresAt } of entries) {
      const key = keyOf(kind, target)
      const known = control[kind].get(target)
      if (known === undefined || known.expiresAt < expiresAt) control[kind].set(target, { id, expiresAt })
      if (this.#local.peek(key)?.id === id) this.#local.delete(key)
    }
    this.#control = control
  }

  add(id: string, kind: QuarantineKind, target: string, expiresAt: number): void {
    this.#local.set(keyOf(kind, target), { id, expiresAt })
  }

  /** The kind by which this caller is shut out at `now`, if any. */
  find(
    principal: string,
    token: string | undefined,
    now: number,
    device?: string,
  ): QuarantineKind | undefined {
    if (this.#holds('principal', principal, now)) return 'principal'
    if (token !== undefined && this.#holds('token', token, now)) return 'token'
    if (device !== undefined && this.#holds('device', device, now)) return 'device'
    return undefined
  }

  #holds(kind: QuarantineKind, target: string, now: number): boolean {
    const entries = this.#control[kind]
    const control = entries.size === 0 ? undefined : entries.get(target)
    if (control !== undefined && control.expiresAt > now) return true
    if (this.#local.size === 0) return false
    const key = keyOf(kind, target)
    const local = this.#local.peek(key)
    if (local === undefined) return false
    if (local.expiresAt > now) return true
    this.#local.delete(key)
    return false
  }
}

const keyOf = (kind: QuarantineKind, target: string): string => `${kind}\0${target}`
