import type { KubernetesObject, ResourceEvent } from '../../call/resource-event.ts'
import type { Clock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { ApiClient, ApiFailure } from './api-client.ts'
import { knownKinds } from './kinds.ts'
import { defaultKubernetesOptions, type KubernetesOptions } from './kubernetes-options.ts'
import { ResourceWatch } from './resource-watch.ts'

/** Lists that run at a time. */
const listsAtOnce = 4

/**
 * Keeps an eye on the objects of a cluster by listing and watching them. It only ever reads, and never asks for Secrets or ConfigMaps. A
 * kind that it may not list, or that the cluster does not have, is left out, told in its health and asked for again now and then.
 */
export class KubernetesSensor implements RunningSensor {
  readonly #sink: ContextSink
  readonly #clock: Clock
  readonly #options: KubernetesOptions
  readonly #client: ApiClient
  readonly #ending = new AbortController()
  readonly #watch = new SourceWatch()
  #watches: readonly ResourceWatch[] = []
  #running: readonly Promise<void>[] = []
  #events = 0
  #newest: number | undefined
  #listing = 0
  readonly #waiting: (() => void)[] = []
  #dropped = 0

  private constructor(sink: ContextSink, clock: Clock, options: KubernetesOptions, client: ApiClient) {
    this.#sink = sink
    this.#clock = clock
    this.#options = options
    this.#client = client
  }

  /**
   * @throws SallyportError `config/invalid` where no kubeconfig can be used, `upstream/unreachable` where its server does not answer; later
   * failures are tried again and told in the health
   */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<KubernetesOptions> = {},
  ): Promise<KubernetesSensor> {
    const options = { ...defaultKubernetesOptions, ...given }
    const client = await ApiClient.load(options)
    const sensor = new KubernetesSensor(sink, clock, options, client)
    try {
      await client.json('/version', sensor.#ending.signal, 1_048_576)
    } catch (cause) {
      // A server that answers at all is there.
      if (!(cause instanceof ApiFailure) || cause.status === undefined)
        throw new SallyportError('upstream/unreachable', 'The API server of the cluster does not answer.', {
          where: client.server,
          mend: 'Check the server in the kubeconfig and the way to it.',
          cause,
        })
    }
    sensor.#begin()
    return sensor
  }

  #begin(): void {
    const { namespaces } = this.#options
    const listener = {
      object: (object: KubernetesObject, resourceVersion: string, removed: boolean) =>
        this.#tell(object, resourceVersion, removed),
      room: () => {
        if (this.#objects() < this.#options.maxObjects) return true
        this.#dropped += 1
        return false
      },
      listing: <Result>(run: () => Promise<Result>) => this.#inTurn(run),
    }
    this.#watches = knownKinds
      .filter(kind => kind.filesOnly !== true)
      .flatMap(kind =>
        (kind.namespaced ? (namespaces ?? [undefined]) : [undefined]).map(
          namespace => new ResourceWatch(kind, namespace, this.#client, this.#options, listener),
        ),
      )
    this.#running = this.#watches.map(watch => watch.run(this.#ending.signal))
  }

  async #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#listing >= listsAtOnce) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#listing += 1
    try {
      return await run()
    } finally {
      this.#listing -= 1
      this.#waiting.shift()?.()
    }
  }

  #tell(object: KubernetesObject, resourceVersion: string, removed: boolean): void {
    const now = this.#clock.now()
    const { cluster } = this.#options
    const { namespace = '', name } = object.metadata
    const event: ResourceEvent = {
      type: 'resource',
      id: `${cluster ?? 'kubernetes'}/${object.kind}/${namespace}/${name}@${resourceVersion}`,
      time: now,
      source: 'kubernetes',
      ...(cluster === undefined ? {} : { cluster }),
      object,
      ...(removed ? { removed } : {}),
    }
    this.#events += 1
    this.#newest = now
    this.#watch.heard(undefined, now, now)
    this.#sink.event(event)
  }

  #objects(): number {
    return this.#watches.reduce((sum, watch) => sum + watch.objects, 0)
  }

  get address(): string {
    return this.#client.server
  }

  health(now: number): SensorHealth {
    const of = (state: ResourceWatch['state']): readonly string[] => [
      ...new Set(this.#watches.filter(watch => watch.state === state).map(watch => watch.kind.plural)),
    ]
    const forbidden = of('forbidden')
    const failing = of('failing')
    const absent = of('absent')
    const fault = this.#watches.find(watch => watch.state === 'failing')?.fault
    const details = [
      `${this.#objects()} objects of ${of('watching').length} kinds.`,
      forbidden.length === 0 ? undefined : `Not allowed to list: ${forbidden.join(', ')}.`,
      failing.length === 0
        ? undefined
        : `Trying again: ${failing.join(', ')}${fault === undefined || fault === '' ? '' : ` (${fault})`}.`,
      absent.length === 0 ? undefined : `Not in this cluster: ${absent.join(', ')}.`,
      this.#dropped === 0 ? undefined : `No room for ${this.#dropped} objects.`,
    ]
    return {
      id: 'kubernetes',
      kind: 'Kubernetes objects',
      state: this.#ending.signal.aborted
        ? 'stopped'
        : of('starting').length > 0
          ? 'starting'
          : forbidden.length + failing.length + this.#dropped > 0
            ? 'degraded'
            : 'running',
      events: this.#events,
      dropped: this.#dropped,
      rejected: this.#watches.reduce((sum, watch) => sum + watch.rejected, 0),
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest }),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      sees: 'none',
    }
  }

  async close(): Promise<void> {
    this.#ending.abort()
    for (const resume of this.#waiting.splice(0)) resume()
    await Promise.all(this.#running)
  }
}
