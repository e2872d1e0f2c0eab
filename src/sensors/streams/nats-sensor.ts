import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstreamManager,
} from '@nats-io/jetstream'
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
} from '@nats-io/transport-node'
import type { Clock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import { stableHash } from '../../kit/hash.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { LineIntake } from './line-intake.ts'
import { fileText, type StreamSecurity, secretIn, tlsTexts } from './stream-secrets.ts'
import { waited } from './waited.ts'

export interface NatsOptions extends StreamSecurity {
  /** `nats://host:4222`, `tls://host:4222`; several of one cluster. */
  readonly servers: readonly string[]
  /** The JetStream stream; it is there already. */
  readonly stream: string
  /** Name of the durable consumer, which is made where it is missing; its place survives restarts. Default `sallyport`. */
  readonly durable: string
  /** Subjects within the stream, with wildcards; default all. */
  readonly subjects: readonly string[]
  /** Where a new consumer begins. Default `all`. */
  readonly from: 'all' | 'new'
  /** Messages asked for ahead of their reading. Default 500. */
  readonly maxAhead: number
  /** Bytes of one message, also after inflating; a longer one is counted and passed over. Default 16 MiB. */
  readonly maxMessageBytes: number
  /** Ms after which the server delivers again what was not acknowledged. Default 30,000. */
  readonly ackWaitMs: number
  /** A `.creds` file: user JWT and seed. */
  readonly credentialsFile?: string
  readonly tokenFile?: string
  /** Host of calls whose line names none. */
  readonly host?: string
  /** Ids of formats that are read; every one where it is absent. */
  readonly formats?: readonly string[]
}

export const defaultNatsOptions: Omit<NatsOptions, 'stream'> = {
  servers: ['nats://127.0.0.1:4222'],
  durable: 'sallyport',
  subjects: ['>'],
  from: 'all',
  maxAhead: 500,
  maxMessageBytes: 16 * 1024 * 1024,
  ackWaitMs: 30_000,
}

const firstPauseMs = 500
const lastPauseMs = 30_000

/**
 * Reads lines from a JetStream stream: a durable pull consumer for each subject asked for; a message is acknowledged after what it tells
 * was handed on, and delivered again otherwise. What cannot be read is counted and never comes back.
 */
export class NatsSensor implements RunningSensor {
  readonly #options: NatsOptions
  readonly #intake: LineIntake
  readonly #connection: NatsConnection
  readonly #reading: Promise<void>[] = []
  readonly #messages = new Set<ConsumerMessages>()
  /** Messages that the server still holds for each subject asked for. */
  readonly #pending = new Map<string, number>()
  readonly #stopped = new AbortController()
  #connected = true
  #trouble: string | undefined
  #redelivered = 0

  private constructor(sink: ContextSink, clock: Clock, options: NatsOptions, connection: NatsConnection) {
    this.#options = options
    this.#connection = connection
    this.#intake = new LineIntake(sink, clock, {
      label: `nats-${options.stream}-${clock.now().toString(36)}`,
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.formats === undefined ? {} : { formats: options.formats }),
    })
  }

  /**
   * @throws SallyportError `upstream/unreachable` where no server answers, `config/invalid` where it refuses us, the stream is not there or
   * a file cannot be read
   */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<NatsOptions> & Pick<NatsOptions, 'stream'>,
  ): Promise<NatsSensor> {
    const options = { ...defaultNatsOptions, ...given }
    const connection = await connected(options)
    const sensor = new NatsSensor(sink, clock, options, connection)
    try {
      const manager = await jetstreamManager(connection)
      const consumers = await Promise.all(
        options.subjects.map(subject => consumerOf(manager, options, subject)),
      )
      sensor.#watchConnection()
      consumers.forEach((consumer, index) => {
        sensor.#reading.push(sensor.#read(manager, options.subjects[index]!, consumer))
      })
      return sensor
    } catch (thrown) {
      await connection.close()
      if (thrown instanceof SallyportError) throw thrown
      throw new SallyportError('config/invalid', `The stream ${options.stream} cannot be read.`, {
        where: options.servers.map(withoutSecrets).join(', '),
        mend: 'Make the stream on the server first, with JetStream enabled, and let this user read it.',
        cause: thrown,
      })
    }
  }

  get address(): string {
    return withoutSecrets(this.#connection.getServer())
  }

  #watchConnection(): void {
    void (async () => {
      for await (const status of this.#connection.status()) {
        if (status.type === 'disconnect') this.#connected = false
        else if (status.type === 'reconnect') this.#connected = true
      }
    })().catch(() => {})
    void this.#connection.closed().then(() => {
      this.#connected = false
    })
  }

  /** Reads until it is closed; a consumer that was deleted is made again, with growing pauses. */
  async #read(manager: JetStreamManager, subject: string, first: Consumer): Promise<void> {
    let consumer: Consumer | undefined = first
    let pause = firstPauseMs
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        consumer ??= await consumerOf(manager, this.#options, subject)
        const messages = await consumer.consume({
          max_messages: this.#options.maxAhead,
          abort_on_missing_resource: true,
        })
        this.#messages.add(messages)
        this.#trouble = undefined
        try {
          for await (const message of messages) {
            pause = firstPauseMs
            this.#take(subject, message)
          }
        } finally {
          this.#messages.delete(messages)
        }
      } catch (thrown) {
        if (!signal.aborted)
          this.#trouble = thrown instanceof Error ? thrown.message : 'The consumer was lost.'
      }
      consumer = undefined
      if (signal.aborted) return
      await waited(pause, signal)
      pause = Math.min(pause * 2, lastPauseMs)
    }
  }

  #take(asked: string, message: JsMsg): void {
    const { subject, data, info } = message
    this.#pending.set(asked, info.pending)
    if (info.deliveryCount > 1) this.#redelivered += 1
    const { maxMessageBytes } = this.#options
    if (data.length > maxMessageBytes) {
      this.#intake.reject(`The message has more than ${maxMessageBytes} bytes.`)
      message.term()
      return
    }
    const { read, rejected } = this.#intake.takeBytes(subject, data, maxMessageBytes)
    if (read === 0 && rejected > 0) message.term()
    else message.ack()
  }

  health(now: number): SensorHealth {
    const waiting = [...this.#pending.values()].reduce((sum, count) => sum + count, 0)
    const details = [
      `${waiting} messages wait on the server.`,
      this.#redelivered === 0 ? undefined : `${this.#redelivered} came again.`,
      this.#connected ? undefined : 'It is not connected and tries again.',
      this.#trouble === undefined ? undefined : `The consumer was lost: ${this.#trouble}.`,
      this.#intake.trouble,
    ]
    return {
      id: 'nats',
      kind: `NATS JetStream, stream ${this.#options.stream}`,
      state: this.#stopped.signal.aborted
        ? 'stopped'
        : this.#connected && this.#trouble === undefined
          ? 'running'
          : 'degraded',
      dropped: 0,
      ...this.#intake.health(now),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.address,
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    await Promise.all([...this.#messages].map(messages => messages.close()))
    await Promise.all(this.#reading)
    this.#intake.flush()
    // Acknowledgements go out before the connection ends.
    if (!this.#connection.isClosed()) await this.#connection.drain().catch(() => this.#connection.close())
  }
}

async function connected(options: NatsOptions): Promise<NatsConnection> {
  const { servers, credentialsFile, tokenFile, user, passwordFile } = options
  const tls = await tlsTexts(options)
  const parts: ConnectionOptions = {
    servers: [...servers],
    name: 'sallyport',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 1_000,
    timeout: 5_000,
    ...(tls === undefined ? {} : { tls }),
    ...(tokenFile === undefined ? {} : { token: await secretIn(tokenFile) }),
    ...(user === undefined ? {} : { user }),
    ...(passwordFile === undefined ? {} : { pass: await secretIn(passwordFile) }),
    ...(credentialsFile === undefined
      ? {}
      : { authenticator: credsAuthenticator(new TextEncoder().encode(await fileText(credentialsFile))) }),
  }
  try {
    return await connect(parts)
  } catch (cause) {
    const refused = cause instanceof Error && /authoriz|authentic/i.test(`${cause.name} ${cause.message}`)
    throw new SallyportError(
      refused ? 'config/invalid' : 'upstream/unreachable',
      refused ? 'The NATS server refuses the credentials.' : 'No NATS server answers.',
      {
        where: servers.map(withoutSecrets).join(', '),
        mend: refused ? 'Check the files of its credentials.' : 'Start it, or correct its address.',
        cause,
      },
    )
  }
}

async function consumerOf(
  manager: JetStreamManager,
  options: NatsOptions,
  subject: string,
): Promise<Consumer> {
  const { stream, durable, subjects, from, ackWaitMs, maxAhead } = options
  // A consumer for each subject: one with several asks for a newer server.
  const name = subjects.length === 1 ? durable : `${durable}-${stableHash([subject], 8)}`
  const there = await manager.consumers.info(stream, name).catch(() => undefined)
  const wanted = subject === '>' ? {} : { filter_subject: subject }
  const pace = { ack_wait: ackWaitMs * 1e6, max_ack_pending: Math.max(1_000, maxAhead * 2) }
  if (there === undefined)
    await manager.consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: from === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
      ...pace,
      ...wanted,
    })
  else if ((there.config.filter_subject ?? '>') !== subject || there.config.ack_wait !== pace.ack_wait)
    await manager.consumers.update(stream, name, { ...pace, ...wanted })
  return await manager.jetstream().consumers.get(stream, name)
}

/** An address without a user's name and password. */
function withoutSecrets(server: string): string {
  const at = server.lastIndexOf('@')
  return at < 0 ? server : `${/^[a-z]{2,5}:\/\//i.exec(server)?.[0] ?? ''}${server.slice(at + 1)}`
}
