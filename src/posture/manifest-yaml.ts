import { Document, isCollection, isMap, isNode, isPair, isScalar } from 'yaml'
import type { ExplainedLine, Manifest } from './manifest.ts'
import { plain } from './words.ts'

/** A document as YAML, each part below the reason why it is there. The same manifest gives the same text. */
export function manifestYaml(manifest: Manifest, head: readonly string[]): string {
  const document = new Document(manifest.document, { aliasDuplicateObjects: false })
  const above = [...head, ...manifest.notes].map(line => ` ${plain(line)}`)
  if (above.length > 0) document.commentBefore = above.join('\n')
  for (const line of manifest.lines) explain(document, line)
  return document.toString({ lineWidth: 0 })
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
