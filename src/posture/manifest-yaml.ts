import { Document, isCollection, isMap, isNode, isPair, isScalar } from 'yaml'
import type { ExplainedLine, Manifest } from './manifest.ts'
import { plain } from './words.ts'

/** Documents as YAML, each part below the reason why it is there. The same manifests give the same text. */
export function manifestYaml(manifests: readonly Manifest[], heads: readonly (readonly string[])[]): string {
  return manifests
    .map((manifest, index) => {
      const document = new Document(manifest.document, { aliasDuplicateObjects: false })
      const head = [...(heads[index] ?? []), ...manifest.notes].map(line => ` ${plain(line)}`)
      if (head.length > 0) document.commentBefore = head.join('\n')
      for (const line of manifest.lines) explain(document, line)
      return document.toString({ lineWidth: 0 })
    })
    .join('---\n')
}

function explain(document: Document, { path, why }: ExplainedLine): void {
  const last = path.at(-1)
  const holder = path.length < 2 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (!isCollection(holder)) return
  const place = isMap(holder)
    ? holder.items.find(pair => isPair(pair) && isScalar(pair.key) && pair.key.value === last)?.key
    : typeof last === 'number'
      ? holder.items[last]
      : undefined
  if (!isNode(place)) return
  const before = place.commentBefore
  place.commentBefore = before == null ? ` ${plain(why)}` : `${before}\n ${plain(why)}`
}
