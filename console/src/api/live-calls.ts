import type { CallView } from '../../../src/server/api/call.ts'

type Listener = (calls: readonly CallView[]) => void

const listeners = new Set<Listener>()

/** Hands a batch of the live feed to whoever is watching calls. */
export function publishCalls(calls: readonly CallView[]): void {
  for (const listener of listeners) listener(calls)
}

/** Returns the function that ends it. */
export function watchCalls(listener: Listener): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
