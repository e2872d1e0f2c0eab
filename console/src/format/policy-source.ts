/** The name a policy source gives itself under `metadata`, in block or flow style; undefined where it gives none. */
export function nameIn(source: string): string | undefined {
  let within = false
  for (const line of source.split('\n')) {
    if (/^metadata:/.test(line)) within = true
    else if (/^\S/.test(line)) within = false
    const name = within ? /[\s{,]name:\s*["']?([^"'#\s,}]+)/.exec(line)?.[1] : undefined
    if (name !== undefined) return name
  }
  return undefined
}

export type Mode = 'shadow' | 'canary' | 'enforce'

/** The mode a policy source gives itself; `shadow` where it says nothing, as the server reads it. */
export function modeIn(source: string): Mode {
  const found = /^[ \t]+mode:[ \t]*["']?(\w+)/m.exec(source)?.[1]
  return found === 'enforce' || found === 'canary' ? found : 'shadow'
}

/** The same source in another mode. Every other character stays, comments included. */
export function withMode(source: string, mode: Mode): string {
  if (/^[ \t]+mode:/m.test(source)) return source.replace(/^([ \t]+mode:[ \t]*)["']?\w*["']?/m, `$1${mode}`)
  return source.replace(/^(spec:[ \t]*)$/m, `$1\n  mode: ${mode}`)
}
