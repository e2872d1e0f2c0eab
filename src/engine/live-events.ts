import type { Endpoint } from '../catalog/endpoint.ts'
import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import type { StoredCall } from '../store/ports/call-store.ts'

/** What happened just now. */
export type LiveEvent =
  | { readonly type: 'calls'; readonly items: readonly StoredCall[] }
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'incident'; readonly incident: Incident }
  | { readonly type: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly type: 'quarantine' }

/** Tells whoever listens what happened just now; nothing is kept for who comes later. */
export class LiveEvents {
  readonly #listeners = new Set<(event: LiveEvent) => void>()

  /** Calls `listener` for everything that happens until the returned function is called. It must not throw. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
