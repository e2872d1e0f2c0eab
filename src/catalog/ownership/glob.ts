/**
 * Text with stars, each for any run of characters: `*.shop.example`, `mutation:*`.
 * Linear: the parts between the stars are looked for one after the other.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return text => text === pattern
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  const middle = parts.slice(1, -1).filter(part => part !== '')
  return text => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false
    let at = first.length
    for (const part of middle) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= text.length - last.length
  }
}

/** A host with stars, or with `{name}` for one or more characters of one label: `{tenant}.shop.example`. */
export function compileHost(pattern: string): (host: string) => boolean {
  if (!pattern.includes('{')) return compileGlob(pattern)
  const wanted = pattern.split('.').map(part => (part.includes('{') ? undefined : compileGlob(part)))
  return host => {
    const labels = host.split('.')
    return (
      labels.length === wanted.length &&
      labels.every((one, index) => (wanted[index] === undefined ? one !== '' : wanted[index](one)))
    )
  }
}
