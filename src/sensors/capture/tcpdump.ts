import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { SallyportError } from '../../kit/error.ts'
import { type CaptureOptions, defaultCaptureFilter } from './capture-options.ts'

export interface TcpdumpEvents {
  data(chunk: Buffer): void
  /** Packets that the kernel dropped, since this process began. */
  dropped(packets: number): void
  /** It ended by itself. @param said Its last sentence. */
  ended(said: string): void
}

/** What tcpdump says on its standard error, kept to the last lines. */
const keptLines = 8
const longestLine = 500

/** One run of tcpdump that writes what it captures to its standard output. */
export class Tcpdump {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #events: TcpdumpEvents
  readonly #said: string[] = []
  #rest = ''
  #stopping = false
  readonly #exit: Promise<void>
  #onListening: (() => void) | undefined

  private constructor(options: CaptureOptions, events: TcpdumpEvents) {
    this.#events = events
    this.#child = spawn(
      options.command,
      [
        '-i',
        options.interface,
        '-n',
        '-U',
        '--immediate-mode',
        '-s',
        '0',
        '-B',
        String(options.bufferKib),
        '-w',
        '-',
        // What follows is no option, whatever it begins with.
        '--',
        options.filter ?? defaultCaptureFilter,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } },
    )
    this.#child.stdout.on('data', (chunk: Buffer) => events.data(chunk))
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.#exit = new Promise(resolve => {
      this.#child.on('error', error => {
        this.#said.push(error.message)
        resolve()
      })
      this.#child.on('close', () => resolve())
    })
  }

  /**
   * Resolves once it listens.
   * @throws SallyportError `config/invalid` where the program, the interface or the filter is wrong, `auth/forbidden` where it may not
   * capture
   */
  static async start(options: CaptureOptions, events: TcpdumpEvents): Promise<Tcpdump> {
    const run = new Tcpdump(options, events)
    let missing = false
    run.#child.on('error', error => {
      missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    })
    let timer: NodeJS.Timeout | undefined
    const outcome = await Promise.race([
      new Promise<'listening'>(resolve => {
        run.#onListening = () => resolve('listening')
      }),
      run.#exit.then(() => 'ended' as const),
      new Promise<'late'>(resolve => {
        timer = setTimeout(() => resolve('late'), options.startMs)
      }),
    ])
    clearTimeout(timer)
    if (outcome === 'listening') {
      void run.#exit.then(() => {
        if (!run.#stopping) events.ended(run.#lastSaid())
      })
      return run
    }
    run.#stopping = true
    run.#child.kill('SIGKILL')
    throw missing
      ? new SallyportError('config/invalid', `There is no program ${options.command} to capture with.`, {
          where: options.command,
          mend: 'Install it, e.g. apt-get install tcpdump.',
        })
      : refusalOf(options, outcome === 'late' ? 'It does not say that it listens.' : run.#lastSaid())
  }

  /** Asks how many packets were lost; the answer comes by `dropped`. */
  ask(): void {
    this.#child.kill('SIGUSR1')
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2_000)
    await this.#exit
    clearTimeout(timer)
  }

  #lastSaid(): string {
    return this.#said.at(-1) ?? 'It said nothing.'
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = (lines.pop() ?? '').slice(-longestLine)
    for (const line of lines) {
      if (line.includes('listening on ')) this.#onListening?.()
      const dropped = /(?:^|[ ,])(\d{1,12}) packets? dropped by (?:kernel|interface)/.exec(
        line.slice(0, longestLine),
      )
      if (dropped !== null) this.#events.dropped(Number(dropped[1]))
      else if (line !== '' && !/\d packets? /.test(line)) {
        this.#said.push(line.slice(0, longestLine).replace(/^[a-z/.-]{0,64}: /, ''))
        if (this.#said.length > keptLines) this.#said.shift()
      }
    }
  }
}

function refusalOf(options: CaptureOptions, said: string): SallyportError {
  const where = options.interface
  if (/permission|not permitted/i.test(said))
    return new SallyportError('auth/forbidden', `${options.command} may not capture on ${where}.`, {
      where,
      mend: 'Run as root, or let it: setcap cap_net_raw,cap_net_admin+eip "$(command -v tcpdump)".',
      cause: said,
    })
  return new SallyportError('config/invalid', `${options.command} does not capture on ${where}: ${said}`, {
    where,
    mend: 'Name an interface that `tcpdump -D` lists, and a filter as pcap-filter(7) describes it.',
    cause: said,
  })
}
