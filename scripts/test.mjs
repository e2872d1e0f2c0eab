// `npm test`: installs what the tests run against, then the linter, the compiler and every test.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = name => join(root, 'node_modules/.bin', name)

function run(title, command, args, options = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (status === 0) return
  console.error(`\n${title} failed.`)
  process.exit(status ?? 1)
}

/** Real parts that tests start, as Debian packages: installed when they are missing and we may. */
function installSystemParts() {
  const missing = [
    ['chromium', '/usr/bin/chromium'],
    ['nginx', '/usr/sbin/nginx'],
  ].filter(([, path]) => !existsSync(path))
  if (missing.length === 0) return
  const names = missing.map(([name]) => name)
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(
      `Missing: ${names.join(', ')}.\n  → install them, e.g.: sudo apt-get install ${names.join(' ')}`,
    )
    process.exit(3)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get update', 'apt-get', ['update', '-qq'], { env })
  run('apt-get install', 'apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

const given = process.argv.slice(2)
installSystemParts()
if (given.length === 0) {
  run('The linter', bin('biome'), ['ci', '.'])
  run('The compiler', bin('tsc'), ['-p', '.'])
  run('The compiler (console)', bin('tsc'), ['-p', 'console'])
}
run('The tests', bin('vitest'), ['run', ...given])
