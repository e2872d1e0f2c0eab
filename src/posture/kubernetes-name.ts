import { createHash } from 'node:crypto'

const longest = 63

/**
 * A name that Kubernetes takes for an object (RFC 1123 label: at most 63 lower-case letters, digits and hyphens), made of the parts: the
 * same parts give the same name. Where something had to be changed, eight digits of a hash keep it apart from others.
 */
export function kubernetesName(...parts: readonly string[]): string {
  const wanted = parts.join('-')
  const name = wanted
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .replace(/-+$/, '')
  if (name === wanted && name.length <= longest && name !== '') return name
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 8)
  const room = longest - hash.length - 1
  const head = name.slice(0, room).replace(/-+$/, '')
  return head === '' ? `p-${hash}` : `${head}-${hash}`
}
