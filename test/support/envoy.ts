import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const path = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'sallyport-tests/envoy-1.40.0/envoy/_bin/envoy',
)

/** Why no real Envoy can be started here; '' where it can. `npm test` downloads it. */
export const noEnvoy: string = !existsSync(path)
  ? 'Envoy is not downloaded; npm test does it'
  : spawnSync(path, ['--version']).status === 0
    ? ''
    : 'Envoy does not run on this machine'

/** Starts Envoy with a configuration; stop it with the function that comes back. */
export async function startEnvoy(configuration: object, folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'envoy.json')
  writeFileSync(file, JSON.stringify(configuration))
  const child: ChildProcess = spawn(
    path,
    ['-c', file, '--use-dynamic-base-id', '--disable-hot-restart', '--concurrency', '1', '-l', 'critical'],
    { stdio: 'ignore' },
  )
  return async () => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

/** What Envoy says against a configuration; '' where it would start with it. */
export function envoyRefusal(configuration: object, folder: string): string {
  const file = join(folder, 'validated.json')
  writeFileSync(file, JSON.stringify(configuration))
  const { status, stderr } = spawnSync(path, ['--mode', 'validate', '-c', file, '-l', 'error'])
  return status === 0 ? '' : stderr.toString()
}
