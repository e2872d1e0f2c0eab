// Brings the packages and the console up to date, and does nothing when they are. Runs under any Node from 20 on,
// because it is what brings the right one.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .filter(name => name !== 'node_modules' && name !== 'dist')
    .flatMap(name => filesBelow(join(path, name)))
}

/** Runs `work` unless `stamp` says that it was done for exactly these files. */
function unlessFresh(stamp, paths, work) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(one => filesBelow(join(root, one))))
    hash.update(path).update(readFileSync(path))
  const wanted = hash.digest('hex')
  const file = join(root, stamp)
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return
  work()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, wanted)
}

unlessFresh('node_modules/.sallyport-packages', ['package-lock.json'], () => {
  console.error('Installing packages …')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
})

unlessFresh('console/dist/.sallyport-build', ['console', 'src/server/api', 'package-lock.json'], () => {
  console.error('Building the console …')
  run('npm', ['run', 'build', '-w', 'console', '--silent'])
})
