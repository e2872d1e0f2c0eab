import type { Started } from '../e2e/started.ts'

type Params = Readonly<Record<string, unknown>>
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Params
  readonly result?: Params
  readonly error?: { readonly message: string }
}

/** What a program is to be started with for a debugger to come to it; give as its environment. */
export const debuggable = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' }

/** One side of the inspector's protocol. */
class Session {
  readonly #send: (text: string) => void
  readonly #open = new Map<number, (message: Message) => void>()
  readonly #listeners = new Map<string, (params: Params) => void>()
  #id = 0

  constructor(send: (text: string) => void) {
    this.#send = send
  }

  take(text: string): void {
    const message = JSON.parse(text) as Message
    if (message.id !== undefined) {
      this.#open.get(message.id)?.(message)
      this.#open.delete(message.id)
    } else this.#listeners.get(message.method ?? '')?.(message.params ?? {})
  }

  on(method: string, listener: (params: Params) => void): void {
    this.#listeners.set(method, listener)
  }

  async ask(method: string, params: Params = {}): Promise<Params> {
    this.#id += 1
    const id = this.#id
    const answer = new Promise<Message>(done => this.#open.set(id, done))
    this.#send(JSON.stringify({ id, method, params }))
    const { error, result = {} } = await answer
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result
  }
}

/**
 * Comes to the threads of a running program from outside, as a debugger does: to end one, to hold it still, or to put a fault into it. The
 * program knows nothing of it.
 */
export class ThreadDebugger {
  readonly #socket: WebSocket
  readonly #main: Session
  readonly #threads = new Map<string, Session>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.#main = new Session(text => socket.send(text))
    socket.addEventListener('message', ({ data }) => this.#main.take(String(data)))
    const bySession = new Map<string, Session>()
    this.#main.on('NodeWorker.attachedToWorker', params => {
      const { sessionId, workerInfo } = params as { sessionId: string; workerInfo: { title: string } }
      const session = new Session(message => {
        void this.#main.ask('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(() => undefined)
      })
      bySession.set(sessionId, session)
      // `[worker 1] analysis`; one that is started again takes the name over.
      this.#threads.set(workerInfo.title.replace(/^\[[^\]]*\] /, ''), session)
    })
    this.#main.on('NodeWorker.receivedMessageFromWorker', params => {
      const { sessionId, message } = params as { sessionId: string; message: string }
      bySession.get(sessionId)?.take(message)
    })
  }

  /** The program must have been started with `debuggable`. */
  static async of(started: Started): Promise<ThreadDebugger> {
    started.child.kill('SIGUSR1')
    const [, url] = await started.printed(/Debugger listening on (ws:\S+)/)
    const socket = new WebSocket(url ?? '')
    await new Promise((opened, failed) => {
      socket.addEventListener('open', opened)
      socket.addEventListener('error', () => failed(new Error('the debugger was not let in')))
    })
    const debug = new ThreadDebugger(socket)
    await debug.#main.ask('NodeWorker.enable', { waitForDebuggerOnStart: false })
    await debug.#main.ask('Debugger.enable')
    return debug
  }

  /** Names of the threads that were seen, besides `main`. */
  get threads(): readonly string[] {
    return [...this.#threads.keys()].sort()
  }

  /** Ends a thread where it stands: it closes nothing and tells nobody. */
  end(thread: string): void {
    this.#session(thread)
      .ask('Runtime.evaluate', { expression: 'process.exit(70)' })
      .catch(() => undefined)
  }

  /** Runs `statement` in it with `load`, which gives modules of the program by their absolute path. */
  async inject(thread: string, statement: string): Promise<void> {
    const load = `(process.getBuiltinModule('node:module').createRequire(process.cwd() + '/'))`
    const answer = await this.#session(thread).ask('Runtime.evaluate', {
      expression: `(load => { ${statement} })${load}`,
    })
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails))
  }

  /** Holds a thread still until it is released; resolves when it stands. */
  async hold(thread: string): Promise<void> {
    const session = this.#session(thread)
    if (session !== this.#main) await session.ask('Debugger.enable')
    const stands = new Promise<void>(done => session.on('Debugger.paused', () => done()))
    await session.ask('Debugger.pause')
    await stands
  }

  async release(thread: string): Promise<void> {
    await this.#session(thread).ask('Debugger.resume')
  }

  close(): void {
    this.#socket.close()
  }

  #session(thread: string): Session {
    if (thread === 'main') return this.#main
    const session = this.#threads.get(thread)
    if (session === undefined) throw new Error(`no thread ${thread}: ${this.threads.join(', ')}`)
    return session
  }
}
