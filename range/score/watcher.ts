import { createHash } from 'node:crypto'
import type { SallyportEvent } from '../../src/call/event.ts'
import { Redactor } from '../../src/call/redactor.ts'
import { readEvents } from '../../src/sensors/files/index.ts'
import type { Alert, Verdicts } from './alert.ts'
import type { Recording } from './recording.ts'

/** Something that looks at traffic and raises incidents. Nothing of the truth comes near it. */
export interface Watcher {
  learn(event: SallyportEvent): void
  watch(event: SallyportEvent): void
  /** After the last event. */
  alerts(): readonly Alert[]
}

export interface Product {
  readonly id: string
  readonly create: () => Watcher
}

/** What each product says of both windows after the same history. They watch side by side, each with its own memory. */
export async function verdictsOf(
  recording: Recording,
  products: readonly Product[],
): Promise<readonly Verdicts[]> {
  const attacked = await watchWindow(recording, 'attacked.jsonl.gz', products)
  const clean = await watchWindow(recording, 'clean.jsonl.gz', products)
  return products.map(({ id }, index) => ({ product: id, attacked: attacked[index]!, clean: clean[index]! }))
}

async function watchWindow(
  recording: Recording,
  window: 'attacked.jsonl.gz' | 'clean.jsonl.gz',
  products: readonly Product[],
): Promise<readonly (readonly Alert[])[]> {
  const watchers = products.map(({ create }) => create())
  const redactor = new Redactor({ key: createHash('sha256').update('sallyport range').digest() })
  const onRejection = ({ reason }: { readonly reason: string }): never => {
    throw new TypeError(`The recording does not read back: ${reason}`)
  }
  for await (const event of readEvents([recording.file('history.jsonl.gz')], { redactor, onRejection }))
    for (const watcher of watchers) watcher.learn(event)
  for await (const event of readEvents([recording.file(window)], { redactor, onRejection }))
    for (const watcher of watchers) watcher.watch(event)
  return watchers.map(watcher => watcher.alerts())
}
