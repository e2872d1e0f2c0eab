import {
  Consumer,
  type ConsumerOptions,
  type Message,
  type MessagesStream,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
  SASLMechanisms,
  type SASLMechanismValue,
} from '@platformatic/kafka'
import type { Clock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { LineIntake } from './line-intake.ts'
import { type StreamSecurity, secretIn, tlsTexts } from './stream-secrets.ts'
import { waited } from './waited.ts'

export interface KafkaOptions extends StreamSecurity {
  /** `host:port` of some of the cluster's brokers. */
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  /** Consumer group: its place survives restarts, its members share the partitions. Default `sallyport`. */
  readonly group: string
  /** Where a partition begins of which the group has no place yet. Default `all`. */
  readonly from: 'all' | 'new'
  /** Bytes of one message after inflating. Default 16 MiB. */
  readonly maxMessageBytes: number
  /** Messages handed on before their places are committed, at most. Default 500. */
  readonly commitEvery: number
  /** Ms between two commits and two looks at the lag. Default 5,000. */
  readonly commitEveryMs: number
  /** TLS with the system's authorities where no file is named. */
  readonly tls?: boolean
  /** Of `user` and its password. Default `SCRAM-SHA-512`. */
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  /** Host of calls whose line names none. */
  readonly host?: string
  /** Ids of formats that are read; every one where it is absent. */
  readonly formats?: readonly string[]
}

export const defaultKafkaOptions: Omit<KafkaOptions, 'topics'> = {
  brokers: ['127.0.0.1:9092'],
  group: 'sallyport',
  from: 'all',
  maxMessageBytes: 16 * 1024 * 1024,
  commitEvery: 500,
  commitEveryMs: 5_000,
  mechanism: 'SCRAM-SHA-512',
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly leaderEpoch: number
}

type Raw = Message<Buffer, Buffer, Buffer, Buffer>

const firstPauseMs = 500
const lastPauseMs = 30_000

/**
 * Reads lines from topics as a member of a consumer group. The place in a partition is committed after what its messages tell was handed
 * on: after a crash the last ones come again. What cannot be read is counted and passed over.
 */
export class KafkaSensor implements RunningSensor {
  readonly #options: KafkaOptions
  readonly #intake: LineIntake
  readonly #consumer: Consumer
  readonly #places = new Map<string, Place>()
  readonly #lag = new Map<string, bigint>()
  readonly #stopped = new AbortController()
  #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | undefined
  #reading: Promise<void> | undefined
  #ticking: NodeJS.Timeout | undefined
  #uncommitted = 0
  #committing: Promise<void> = Promise.resolve()
  #trouble: string | undefined
  /** The brokers did not answer when they were asked last. */
  #away = false

  private constructor(sink: ContextSink, clock: Clock, options: KafkaOptions, consumer: Consumer) {
    this.#options = options
    this.#consumer = consumer
    this.#intake = new LineIntake(sink, clock, {
      label: `kafka-${clock.now().toString(36)}`,
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.formats === undefined ? {} : { formats: options.formats }),
    })
  }

  /**
   * @throws SallyportError `upstream/unreachable` where no broker answers or a topic is not there, `config/invalid` where a file cannot be
   * read
   */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<KafkaOptions> & Pick<KafkaOptions, 'topics'>,
  ): Promise<KafkaSensor> {
    const options = { ...defaultKafkaOptions, ...given }
    const consumer = new Consumer(await consumerOptions(options))
    const sensor = new KafkaSensor(sink, clock, options, consumer)
    try {
      sensor.#stream = await sensor.#consume()
    } catch (cause) {
      await consumer.close(true).catch(() => {})
      throw new SallyportError('upstream/unreachable', 'The Kafka topics cannot be read.', {
        where: `${options.topics.join(', ')} at ${options.brokers.join(', ')}`,
        mend: 'Check that the brokers answer, the topics are there and this user may read them.',
        cause,
      })
    }
    sensor.#reading = sensor.#read(sensor.#stream)
    sensor.#ticking = setInterval(() => void sensor.#tick(), options.commitEveryMs)
    sensor.#ticking.unref()
    return sensor
  }

  get address(): string {
    return this.#options.brokers.join(', ')
  }

  #consume(): Promise<MessagesStream<Buffer, Buffer, Buffer, Buffer>> {
    return this.#consumer.consume({
      topics: [...this.#options.topics],
      autocommit: false,
      mode: MessagesStreamModes.COMMITTED,
      fallbackMode:
        this.#options.from === 'all'
          ? MessagesStreamFallbackModes.EARLIEST
          : MessagesStreamFallbackModes.LATEST,
      maxWaitTime: 1_000,
    })
  }

  /** Reads until it is closed; a stream that broke is begun again at the group's place, with growing pauses. */
  async #read(first: MessagesStream<Buffer, Buffer, Buffer, Buffer>): Promise<void> {
    const { signal } = this.#stopped
    let stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | undefined = first
    let pause = firstPauseMs
    while (!signal.aborted) {
      try {
        stream ??= await this.#consume()
        this.#stream = stream
        this.#trouble = undefined
        for await (const message of stream) {
          pause = firstPauseMs
          this.#take(message)
          if (signal.aborted) break
        }
      } catch (thrown) {
        if (!signal.aborted) this.#trouble = thrown instanceof Error ? thrown.message : 'The stream broke.'
      }
      stream = undefined
      if (signal.aborted) return
      await this.#commit()
      await waited(pause, signal)
      pause = Math.min(pause * 2, lastPauseMs)
    }
  }

  #take(message: Raw): void {
    const { topic, partition, offset, leaderEpoch, value } = message
    const { maxMessageBytes, commitEvery } = this.#options
    const name = `${topic}/${partition}`
    // A tombstone has no value.
    if (value !== null && value !== undefined) {
      if (value.length > maxMessageBytes)
        this.#intake.reject(`The message has more than ${maxMessageBytes} bytes.`)
      else this.#intake.takeBytes(name, value, maxMessageBytes)
    }
    this.#places.set(name, { topic, partition, offset: offset + 1n, leaderEpoch })
    this.#uncommitted += 1
    if (this.#uncommitted >= commitEvery) void this.#commit()
  }

  /** One commit after the other, each with the newest places. Never rejects. */
  #commit(): Promise<void> {
    this.#uncommitted = 0
    this.#committing = this.#committing.then(async () => {
      const offsets = [...this.#places.values()]
      if (offsets.length === 0) return
      this.#places.clear()
      try {
        await this.#consumer.commit({ offsets })
        this.#trouble = undefined
      } catch (thrown) {
        // Others have the partition now, or the broker is away: they come again.
        this.#trouble = thrown instanceof Error ? thrown.message : 'The places could not be committed.'
      }
    })
    return this.#committing
  }

  async #tick(): Promise<void> {
    await this.#commit()
    try {
      const lag = await this.#consumer.getLag({ topics: [...this.#options.topics] })
      this.#lag.clear()
      for (const [topic, partitions] of lag)
        partitions.forEach((behind, partition) => {
          // -1: another member has it.
          if (behind >= 0n) this.#lag.set(`${topic}/${partition}`, behind)
        })
      this.#away = false
    } catch {
      // What was known of the lag is kept.
      this.#away = true
    }
  }

  health(now: number): SensorHealth {
    const behind = [...this.#lag].filter(([, lag]) => lag > 0n).sort(([, a], [, b]) => (a < b ? 1 : -1))
    const details = [
      this.#lag.size === 0
        ? undefined
        : behind.length === 0
          ? `Nothing waits in its ${this.#lag.size} partitions.`
          : `Behind by ${behind
              .slice(0, 8)
              .map(([name, lag]) => `${lag} in ${name}`)
              .join(', ')}.`,
      this.#away ? 'No broker answers.' : undefined,
      this.#trouble === undefined ? undefined : `Trouble: ${this.#trouble}.`,
      this.#intake.trouble,
    ].filter(text => text !== undefined)
    return {
      id: 'kafka',
      kind: `Kafka, group ${this.#options.group}`,
      state: this.#stopped.signal.aborted
        ? 'stopped'
        : this.#trouble === undefined && !this.#away
          ? 'running'
          : 'degraded',
      dropped: 0,
      ...this.#intake.health(now),
      ...(details.length === 0 ? {} : { detail: details.join(' ') }),
      address: this.address,
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    clearInterval(this.#ticking)
    await this.#stream?.close().catch(() => {})
    await this.#reading
    await this.#commit()
    this.#intake.flush()
    await this.#consumer.close(true).catch(() => {})
  }
}

async function consumerOptions(
  options: KafkaOptions,
): Promise<ConsumerOptions<Buffer, Buffer, Buffer, Buffer>> {
  const { brokers, group, user, passwordFile, mechanism } = options
  const tls = (await tlsTexts(options)) ?? (options.tls === true ? {} : undefined)
  return {
    clientId: 'sallyport',
    groupId: group,
    bootstrapBrokers: [...brokers],
    autocreateTopics: false,
    connectTimeout: 5_000,
    retries: 3,
    retryDelay: 300,
    ...(tls === undefined ? {} : { tls }),
    ...(user === undefined || passwordFile === undefined
      ? {}
      : {
          sasl: {
            mechanism: mechanisms[mechanism],
            username: user,
            password: await secretIn(passwordFile),
          },
        }),
  }
}

const mechanisms: Readonly<Record<KafkaOptions['mechanism'], SASLMechanismValue>> = {
  PLAIN: SASLMechanisms.PLAIN,
  'SCRAM-SHA-256': SASLMechanisms.SCRAM_SHA_256,
  'SCRAM-SHA-512': SASLMechanisms.SCRAM_SHA_512,
}
