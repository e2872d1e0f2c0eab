/** Where a command speaks: data to `out`, words for people to `say`. Handed in, so that tests read both. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** True where `out` is a terminal that takes colour (and NO_COLOR is not set). */
  readonly colour: boolean
  readonly width: number
  out(text: string): void
  say(text: string): void
  /** Aborted by Ctrl-C or SIGTERM, and by SIGHUP where nobody reads the configuration again. */
  readonly stopped: AbortSignal
}

export function processIo(): Io {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal))
  // Whoever else listens takes it for the wish to read the configuration again.
  process.on('SIGHUP', () => {
    if (process.listenerCount('SIGHUP') === 1) stop.abort('SIGHUP')
  })
  // A reader that went away (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  const wantsColour = process.env.NO_COLOR === undefined || process.env.NO_COLOR === ''
  return {
    environment: process.env,
    colour: wantsColour && process.stdout.isTTY === true,
    // What goes into a pipe is not cut: somebody will search it.
    width: process.stdout.columns ?? 10_000,
    out: text => void process.stdout.write(text),
    say: text => void process.stderr.write(`${text}\n`),
    stopped: stop.signal,
  }
}

/** Resolves when the person asks to stop. */
export function untilStopped(io: Io): Promise<void> {
  if (io.stopped.aborted) return Promise.resolve()
  return new Promise(resolve => io.stopped.addEventListener('abort', () => resolve(), { once: true }))
}
