import { readFileSync } from 'node:fs'

export const bypassFileName = 'bypass'
const maxLength = 65_536

/** What is set aside here, whatever control says: everything, or policies by name. */
export interface LocalBypass {
  readonly all: boolean
  readonly policies: readonly string[]
}

const none: LocalBypass = Object.freeze({ all: false, policies: [] })

/** `all`, or names of policies, separated by commas, blanks or lines; what follows a number sign is a remark. */
export function parseBypass(text: string): LocalBypass {
  const names = text
    .slice(0, maxLength)
    .split('\n')
    .flatMap(line => (line.split('#', 1)[0] ?? '').split(/[\s,]/))
    .filter(name => name !== '')
  return { all: names.includes('all'), policies: names.filter(name => name !== 'all') }
}

/** @returns nothing set aside where there is no file. A file that cannot be read sets everything aside: somebody put it there. */
export function readBypassFile(file: string): LocalBypass {
  try {
    return parseBypass(readFileSync(file, 'utf8'))
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? none : { all: true, policies: [] }
  }
}

/** What the environment (`SALLYPORT_BYPASS`) and the file say, together. */
export function localBypass(file: string, environment: string | undefined): LocalBypass {
  const [here, there] = [readBypassFile(file), parseBypass(environment ?? '')]
  return { all: here.all || there.all, policies: [...new Set([...here.policies, ...there.policies])].sort() }
}
