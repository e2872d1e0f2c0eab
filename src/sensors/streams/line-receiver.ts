import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import type { Told } from '../files/file-format.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { defaultHttpLinesOptions, HttpLines, type HttpLinesOptions } from './http-lines.ts'
import { LineIntake, type Taken } from './line-intake.ts'

/** What a receiver of posted records is for. */
export interface ReceiverKind {
  readonly id: string
  /** In words: `Runtime security events`. */
  readonly kind: string
  /** Each path with the formats that are read there. */
  readonly paths: Readonly<Record<string, readonly string[]>>
  readonly sees: NonNullable<SensorHealth['sees']>
  readonly nameOf: (told: Told, stream: string) => string | undefined
}

/** Receives records over HTTP and hands on what they tell. */
export class LineReceiver implements RunningSensor {
  readonly #kind: ReceiverKind
  readonly #intakes = new Map<string, LineIntake>()
  #http: HttpLines | undefined
  #broken = 0
  #fault: string | undefined
  #closed = false

  private constructor(kind: ReceiverKind) {
    this.#kind = kind
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async listen(
    kind: ReceiverKind,
    sink: ContextSink,
    clock: Clock,
    given: Partial<HttpLinesOptions>,
  ): Promise<LineReceiver> {
    const receiver = new LineReceiver(kind)
    const begun = clock.now().toString(36)
    for (const [path, formats] of Object.entries(kind.paths)) {
      const label = `${kind.id}-${begun}-${path.slice(1)}`
      receiver.#intakes.set(path, new LineIntake(sink, clock, { label, formats, nameOf: kind.nameOf }))
    }
    receiver.#http = await HttpLines.listen({
      title: kind.kind,
      options: { ...defaultHttpLinesOptions, ...given },
      paths: Object.keys(kind.paths),
      take: (path, text) => receiver.#take(path, text),
      reject: fault => {
        receiver.#broken += 1
        receiver.#fault = fault
      },
    })
    return receiver
  }

  get address(): string {
    return this.#http?.address ?? ''
  }

  #take(path: string, text: string): Taken {
    return this.#intakes.get(path)?.takeText(path, text) ?? { read: 0, rejected: 0 }
  }

  health(now: number): SensorHealth {
    const { id, kind, sees } = this.#kind
    const parts = [...this.#intakes.values()].map(intake => intake.health(now))
    const newest = parts.reduce<(typeof parts)[number] | undefined>(
      (best, part) =>
        part.lastEventAt !== undefined && (best?.lastEventAt ?? 0) <= part.lastEventAt ? part : best,
      undefined,
    )
    const troubles = [
      ...[...this.#intakes.values()].map(intake => intake.trouble),
      this.#fault === undefined ? undefined : `${this.#broken} bodies could not be read: ${this.#fault}`,
    ].filter(text => text !== undefined)
    const total = (field: 'events' | 'rejected'): number => parts.reduce((sum, part) => sum + part[field], 0)
    return {
      id,
      kind,
      state: this.#closed ? 'stopped' : 'running',
      events: total('events'),
      dropped: 0,
      rejected: total('rejected') + this.#broken,
      ...(newest?.lastEventAt === undefined
        ? {}
        : {
            lastEventAt: newest.lastEventAt,
            ...(newest.lagMs === undefined ? {} : { lagMs: newest.lagMs }),
          }),
      ...(troubles.length === 0 ? {} : { detail: troubles.join(' ') }),
      address: this.address,
      perSecond: parts.reduce((sum, part) => sum + (part.perSecond ?? 0), 0),
      sources: parts.flatMap(part => part.sources ?? []),
      sees,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#http?.close()
    for (const intake of this.#intakes.values()) intake.flush()
  }
}
