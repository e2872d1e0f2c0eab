import { fixedTexts, namesIn, templateSegments } from '../placeholders.ts'

/** A template as a key of `paths`. */
export interface PathKey {
  readonly key: string
  /** Names of its parameters, in order; unique. */
  readonly names: readonly string[]
  /** The same for templates that differ only in the names of their parameters: OpenAPI calls them identical. */
  readonly shape: string
}

/** @param template `/orders/{orderId}`; characters that no path may hold are percent-encoded. */
export function pathKey(template: string): PathKey {
  const names: string[] = []
  const key: string[] = []
  const shape: string[] = []
  for (const { text, placeholder } of templateSegments(
    template.startsWith('/') ? template : `/${template}`,
  )) {
    if (placeholder === undefined) {
      key.push(encode(text))
      shape.push(encode(text))
      continue
    }
    const fixed = fixedTexts(text)
    let keyed = encode(fixed[0] ?? '')
    let shaped = keyed
    for (const [place, written] of namesIn(text).entries()) {
      const name = unique(written.replace(/[{}/?#]/g, '') || 'value', names)
      names.push(name)
      const after = encode(fixed[place + 1] ?? '')
      keyed += `{${name}}${after}`
      shaped += `{}${after}`
    }
    key.push(keyed)
    shape.push(shaped)
  }
  return { key: `/${key.join('/')}`, names, shape: `/${shape.join('/')}` }
}

function unique(name: string, taken: readonly string[]): string {
  let candidate = name
  for (let count = 2; taken.includes(candidate); count += 1) candidate = `${name}${count}`
  return candidate
}

/** RFC 3986 `pchar` stays; a percent sign that begins no escape is one itself. */
const encode = (text: string): string =>
  text
    .toWellFormed()
    .replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@%]/gu, character => encodeURIComponent(character))
