import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { endedProcess, freePort, startedProcess } from './started-process.ts'

const version = '3.9.1'
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sallyport-tests')
const libraries = join(cache, `kafka-${version}`)

const pom = `<project><modelVersion>4.0.0</modelVersion>
<groupId>sallyport.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency>
  <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
</dependency></dependencies></project>
`

const runs = (program: string, args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Why tests against a Kafka broker cannot run here; undefined where they can. The broker is fetched from Maven Central once, into the user's cache. */
export function noKafka(): string | undefined {
  if (!runs('java', ['-version'])) return 'no Java is installed'
  if (existsSync(libraries)) return undefined
  if (!runs('mvn', ['-version'])) return 'Maven, which fetches the broker, is not installed'
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'fetching-'))
  try {
    writeFileSync(join(work, 'pom.xml'), pom)
    execFileSync(
      'mvn',
      [
        '-B',
        '-q',
        `-Dmaven.repo.local=${join(work, 'repository')}`,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${join(work, 'libraries')}`,
      ],
      { cwd: work, stdio: 'ignore', timeout: 120_000 },
    )
    renameSync(join(work, 'libraries'), libraries)
    return undefined
  } catch {
    return existsSync(libraries) ? undefined : 'the broker could not be fetched from Maven Central'
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const classPath = join(libraries, '*')

/** One Kafka broker (KRaft) that can be stopped and started again with what it holds. */
export class KafkaBroker {
  readonly port: number
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  static async start(): Promise<KafkaBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-kafka-'))
    const [port, control] = [await freePort(), await freePort()]
    const broker = new KafkaBroker(port, folder)
    writeFileSync(
      broker.#configuration,
      Object.entries({
        'process.roles': 'broker,controller',
        'node.id': '1',
        'controller.quorum.voters': `1@127.0.0.1:${control}`,
        listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${control}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
        'controller.listener.names': 'CONTROLLER',
        'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        'log.dirs': join(folder, 'data'),
        'offsets.topic.replication.factor': '1',
        'offsets.topic.num.partitions': '1',
        'group.initial.rebalance.delay.ms': '0',
        'auto.create.topics.enable': 'false',
      })
        .map(pair => pair.join('='))
        .join('\n'),
    )
    execFileSync(
      'java',
      [
        '-cp',
        classPath,
        'kafka.tools.StorageTool',
        'format',
        '-t',
        'AAAAAAAAAAAAAAAAAAAAAA',
        '-c',
        broker.#configuration,
      ],
      { stdio: 'ignore' },
    )
    await broker.begin()
    return broker
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get #configuration(): string {
    return join(this.#folder, 'server.properties')
  }

  async begin(): Promise<void> {
    this.#child = await startedProcess(
      'java',
      ['-Xmx256m', '-cp', classPath, 'kafka.Kafka', this.#configuration],
      this.port,
      { cwd: this.#folder, withinMs: 60_000 },
    )
  }

  async end(): Promise<void> {
    if (this.#child !== undefined) await endedProcess(this.#child, 'SIGKILL')
  }

  async close(): Promise<void> {
    await this.end()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
