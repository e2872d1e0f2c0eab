import type { SpecServer } from './specification.ts'
import { get, listAt, textAt, treeAt } from './tree.ts'

/** Values of one server variable that are written out; the rest is dropped. */
const maxValues = 16
/** Servers of one entry after writing out its variables. */
const maxServers = 64

/** The servers that a URL with variables stands for: enumerated values written out, free ones in a host become `*`. */
export function serversOf(server: unknown): readonly SpecServer[] {
  const url = textAt(server, 'url') ?? '/'
  const variables = treeAt(server, 'variables')
  let urls = [url]
  for (const name of Object.keys(variables ?? {})) {
    const mark = `{${name}}`
    if (!url.includes(mark)) continue
    const variable = get(variables, name)
    const words = listAt(variable, 'enum').filter(value => typeof value === 'string')
    const fallback = textAt(variable, 'default') ?? ''
    const inHost = url.indexOf(mark) < hostEnd(url)
    const values = words.length > 0 ? words.slice(0, maxValues) : inHost ? ['*'] : [fallback]
    urls = urls.flatMap(one => values.map(value => one.replaceAll(mark, () => value))).slice(0, maxServers)
  }
  return urls.flatMap(one => serverOf(one) ?? [])
}

const hostEnd = (url: string): number => {
  const start = url.indexOf('//')
  if (start < 0) return 0
  const slash = url.indexOf('/', start + 2)
  return slash < 0 ? url.length : slash
}

/** `https://api.example.com/v1/` as host and base path; undefined for what is no address. */
export function serverOf(url: string): SpecServer | undefined {
  const bare = url.replace(/[?#].*$/, '')
  const start = bare.indexOf('//')
  if (start < 0) return { basePath: basePathOf(bare) }
  const end = hostEnd(bare)
  const host = bare
    .slice(start + 2, end)
    .toLowerCase()
    .replace(/^[^@]*@/, '')
    .replace(/\{[^}]*\}/g, '*')
    .replace(bare.startsWith('https') || bare.startsWith('//') ? /:443$/ : /:80$/, '')
  return host === '' ? undefined : { host, basePath: basePathOf(bare.slice(end)) }
}

function basePathOf(path: string): string {
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end -= 1
  const bare = path.slice(0, end)
  return bare === '' || bare.startsWith('/') ? bare : `/${bare}`
}
