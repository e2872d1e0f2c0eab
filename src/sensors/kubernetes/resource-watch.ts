import { setTimeout as wait } from 'node:timers/promises'
import type { KubernetesObject } from '../../call/resource-event.ts'
import { lineRecords } from '../files/records.ts'
import { type ApiClient, ApiFailure } from './api-client.ts'
import type { KnownKind } from './kinds.ts'
import type { KubernetesOptions } from './kubernetes-options.ts'
import { trimObject } from './trim-object.ts'

/** What a watch hands on. */
export interface WatchListener {
  object(object: KubernetesObject, resourceVersion: string, removed: boolean): void
  /** Is there room for one more object? */
  room(): boolean
  /** Runs a list when there is a place for it: not all kinds at once. */
  listing<Result>(run: () => Promise<Result>): Promise<Result>
}

export type WatchState = 'starting' | 'watching' | 'forbidden' | 'absent' | 'failing'

interface Known {
  readonly resourceVersion: string
  readonly object: KubernetesObject
}

type Raw = Readonly<Record<string, unknown>>

/** The server no longer has what lies between: everything is listed again. */
class Expired extends Error {}

/**
 * Follows one kind: lists it page by page, then watches from there; goes on where it was when the connection ends, lists again when the
 * server has forgotten that place (410 Gone). What is gone by then is told as removed.
 */
export class ResourceWatch {
  readonly kind: KnownKind
  readonly namespace: string | undefined
  state: WatchState = 'starting'
  /** What went wrong last. */
  fault: string | undefined
  rejected = 0
  lists = 0
  readonly #client: ApiClient
  readonly #options: KubernetesOptions
  readonly #listener: WatchListener
  readonly #known = new Map<string, Known>()
  /** Of the kind's versions the one that the server has. */
  #version = 0
  #resourceVersion: string | undefined
  #failures = 0

  constructor(
    kind: KnownKind,
    namespace: string | undefined,
    client: ApiClient,
    options: KubernetesOptions,
    listener: WatchListener,
  ) {
    this.kind = kind
    this.namespace = namespace
    this.#client = client
    this.#options = options
    this.#listener = listener
  }

  get objects(): number {
    return this.#known.size
  }

  /** Goes on until the signal. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#listener.listing(() => this.#list(signal))
        this.state = 'watching'
        await this.#watch(signal)
      } catch (thrown) {
        if (signal.aborted) return
        await this.#recover(thrown, signal)
      }
    }
  }

  async #recover(thrown: unknown, signal: AbortSignal): Promise<void> {
    const { retryMs, maxRetryMs, absentMs } = this.#options
    let pause = Math.min(maxRetryMs, retryMs * 2 ** Math.min(this.#failures, 16))
    this.#failures += 1
    if (thrown instanceof Expired || (thrown instanceof ApiFailure && thrown.status === 410)) {
      this.#resourceVersion = undefined
      // The first time at once: it is how a server says that too much has happened.
      if (this.#failures === 1) pause = 0
    } else if (thrown instanceof ApiFailure && thrown.status === 404) {
      this.#resourceVersion = undefined
      this.#version += 1
      if (this.#version < this.kind.versions.length) pause = 0
      else {
        this.#version = 0
        this.state = 'absent'
        // Its definition was taken away, and its objects with it.
        this.#forget(new Set())
        pause = absentMs
      }
    } else if (thrown instanceof ApiFailure && (thrown.status === 403 || thrown.status === 401)) {
      this.state = 'forbidden'
      this.fault = thrown.message
      this.#resourceVersion = undefined
      pause = absentMs
    } else {
      this.state = 'failing'
      this.fault = thrown instanceof Error ? thrown.message : String(thrown)
    }
    if (pause === 0) return
    try {
      // Not all at the same moment, when a server is back.
      await wait(pause * (0.75 + Math.random() / 2), undefined, { signal })
    } catch {
      // Ended meanwhile.
    }
  }

  get #path(): string {
    const { groups, plural, versions, namespaced } = this.kind
    const version = versions[this.#version] ?? versions[0]!
    const group = groups[0]!
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const within =
      this.namespace === undefined || !namespaced ? '' : `/namespaces/${encodeURIComponent(this.namespace)}`
    return `${root}${within}/${plural}`
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { pageSize, maxPageBytes } = this.#options
    const there = new Set<string>()
    let next: string | undefined
    let resourceVersion: string | undefined
    this.lists += 1
    do {
      const query = new URLSearchParams({ limit: String(pageSize) })
      if (next !== undefined) query.set('continue', next)
      const page = recordOf(await this.#client.json(`${this.#path}?${query}`, signal, maxPageBytes))
      const metadata = recordOf(page.metadata)
      const { apiVersion } = page
      // Members of a list do not say what they are.
      for (const item of Array.isArray(page.items) ? (page.items as readonly unknown[]) : [])
        this.#take({ apiVersion, kind: this.kind.kind, ...recordOf(item) }, there)
      next = typeof metadata.continue === 'string' && metadata.continue !== '' ? metadata.continue : undefined
      if (typeof metadata.resourceVersion === 'string') resourceVersion = metadata.resourceVersion
    } while (next !== undefined)
    this.#forget(there)
    this.#resourceVersion = resourceVersion ?? '0'
    this.fault = undefined
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { watchSeconds, maxObjectBytes } = this.#options
    const query = new URLSearchParams({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#resourceVersion!,
      timeoutSeconds: String(watchSeconds),
    })
    const response = await this.#client.open(
      `${this.#path}?${query}`,
      signal,
      // The server ends it; where it does not, the line is dead.
      watchSeconds * 1_000 + this.#options.answerMs,
    )
    let said = false
    try {
      for await (const line of lineRecords(response as AsyncIterable<Uint8Array>, maxObjectBytes)) {
        if ('text' in line) this.#event(line.text)
        else this.rejected += 1
        said = true
        this.#failures = 0
        this.fault = undefined
      }
    } finally {
      response.destroy()
    }
    // A server that ends every watch at once is not asked without a pause.
    if (!said) {
      this.#failures += 1
      const pause = Math.min(
        this.#options.maxRetryMs,
        this.#options.retryMs * 2 ** Math.min(this.#failures - 1, 16),
      )
      await wait(pause, undefined, { signal })
    }
  }

  #event(text: string): void {
    let event: Raw
    try {
      event = recordOf(JSON.parse(text))
    } catch {
      this.rejected += 1
      return
    }
    const object = recordOf(event.object)
    const version = recordOf(object.metadata).resourceVersion
    if (event.type === 'ERROR') {
      const code = object.code
      if (code === 410) throw new Expired('the server has forgotten this place')
      throw new ApiFailure(typeof code === 'number' ? code : 500, String(object.message ?? '').slice(0, 200))
    }
    if (event.type === 'ADDED' || event.type === 'MODIFIED') this.#take(object, undefined)
    else if (event.type === 'DELETED') {
      const trimmed = trimObject(object)
      if (trimmed === undefined) this.rejected += 1
      else this.#remove(keyOf(trimmed), typeof version === 'string' ? version : '')
    } else if (event.type !== 'BOOKMARK') this.rejected += 1
    if (typeof version === 'string') this.#resourceVersion = version
  }

  #take(raw: Raw, there: Set<string> | undefined): void {
    const object = trimObject(raw)
    if (object === undefined) {
      this.rejected += 1
      return
    }
    const key = keyOf(object)
    const given = recordOf(raw.metadata).resourceVersion
    const resourceVersion = typeof given === 'string' ? given : ''
    there?.add(key)
    const known = this.#known.get(key)
    if (known !== undefined && known.resourceVersion === resourceVersion && resourceVersion !== '') return
    if (known === undefined && !this.#listener.room()) {
      this.rejected += 1
      return
    }
    const { apiVersion, kind, metadata } = object
    const { name, namespace } = metadata
    // Enough to say later that it is gone.
    this.#known.set(key, {
      resourceVersion,
      object: { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
    })
    this.#listener.object(object, resourceVersion, false)
  }

  #remove(key: string, resourceVersion: string): void {
    const known = this.#known.get(key)
    if (known === undefined) return
    this.#known.delete(key)
    this.#listener.object(known.object, resourceVersion, true)
  }

  /** What is not there any more was removed while nobody watched. */
  #forget(there: ReadonlySet<string>): void {
    for (const [key, known] of [...this.#known]) if (!there.has(key)) this.#remove(key, known.resourceVersion)
  }
}

const recordOf = (value: unknown): Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {}

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`
