import { memo } from '../../kit/memo.ts'

/** Words in a host or a namespace that name an environment. */
const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    prod: 'production',
    production: 'production',
    live: 'production',
    staging: 'staging',
    stage: 'staging',
    stg: 'staging',
    preprod: 'staging',
    preproduction: 'staging',
    uat: 'test',
    qa: 'test',
    test: 'test',
    testing: 'test',
    tst: 'test',
    ci: 'test',
    dev: 'development',
    develop: 'development',
    development: 'development',
    local: 'development',
    localhost: 'development',
    sandbox: 'sandbox',
    sbx: 'sandbox',
    demo: 'demo',
    preview: 'preview',
  }),
)

interface Found {
  readonly environment: string
  readonly word: string
}

/** The first of the words that names an environment. */
export function environmentWord(list: readonly string[]): Found | undefined {
  for (const word of list) {
    const environment = words.get(word.toLowerCase())
    if (environment !== undefined) return { environment, word }
  }
  return undefined
}

/**
 * The environment a host's name says: `api-staging.shop.example`, `dev.shop.example`, `shop.test`, `localhost:3000`. The domain
 * itself says nothing (`test.com`); `.test` and `.localhost` are reserved for what their names say (RFC 2606).
 */
export const environmentOfHost = memo(readHost)

function readHost(host: string): Found | undefined {
  const bare = host.replace(/:\d{1,5}$/, '')
  if (/^(?:127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(bare)) return { environment: 'development', word: bare }
  const labels = bare.split('.')
  const last = labels.at(-1) ?? ''
  const own = labels.length === 1 ? labels : labels.slice(0, -2)
  const found = environmentWord(own.flatMap(label => label.split(/[-_]/)))
  if (found !== undefined) return found
  if (last === 'test') return { environment: 'test', word: '.test' }
  return last === 'localhost' ? { environment: 'development', word: '.localhost' } : undefined
}
