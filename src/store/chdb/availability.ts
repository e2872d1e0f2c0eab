import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What decides whether chdb can run. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** glibc, as opposed to musl; only looked at on Linux. */
  readonly glibc: boolean
  /** Only looked at on x64. */
  readonly avx2: boolean
  /** Whether a package can be found in node_modules. */
  installed(name: string): boolean
}

export interface ChdbAvailability {
  readonly available: boolean
  /** A sentence without its full stop, when it is not available. */
  readonly reason?: string
}

const libraries: Readonly<Record<string, string>> = {
  'darwin-arm64': '@chdb/lib-darwin-arm64',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
}

/** Whether the embedded ClickHouse can run on this machine, without loading it. */
export function chdbAvailability(machine: Machine = thisMachine()): ChdbAvailability {
  const no = (reason: string): ChdbAvailability => ({ available: false, reason })
  const library = libraries[`${machine.platform}-${machine.arch}`]
  if (library === undefined) return no(`chdb has no build for ${machine.platform} on ${machine.arch}`)
  if (machine.platform === 'linux' && !machine.glibc)
    return no('chdb needs glibc; this system has another C library (musl)')
  // Its builds are made for x86-64-v3: without AVX2 they end in an illegal instruction.
  if (machine.arch === 'x64' && !machine.avx2) return no('chdb needs a processor with AVX2')
  if (!machine.installed('chdb')) return no('The optional dependency chdb is not installed')
  if (!machine.installed(library)) return no(`The optional dependency ${library} is not installed`)
  return { available: true }
}

function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    get glibc() {
      return hasGlibc()
    },
    get avx2() {
      return hasAvx2()
    },
    installed,
  }
}

function hasGlibc(): boolean {
  // The report would otherwise resolve the names of all connections.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime !== undefined
}

function hasAvx2(): boolean {
  // macOS runs on x64 only on processors that have it, apart from a few older than its supported versions.
  if (process.platform !== 'linux') return true
  try {
    return /^flags\s*:.* avx2(?: |$)/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
  } catch {
    return false
  }
}

function installed(name: string): boolean {
  const require = createRequire(import.meta.url)
  // Libraries are dependencies of chdb, which an installer may keep to itself.
  const from = name === 'chdb' ? [] : installedPath('chdb')
  try {
    require.resolve(`${name}/package.json`, from.length === 0 ? undefined : { paths: from })
    return true
  } catch {
    return false
  }
}

function installedPath(name: string): string[] {
  try {
    return [createRequire(import.meta.url).resolve(`${name}/package.json`)]
  } catch {
    return []
  }
}
