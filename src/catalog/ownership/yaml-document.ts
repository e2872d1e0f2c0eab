import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { SallyportError } from '../../kit/error.ts'

export interface YamlDocument {
  /** As plain data. */
  readonly value: unknown
  /** `file:line:column` of a key or an entry, or of the nearest place above it that exists. */
  at(path: readonly PropertyKey[]): string
}

/** @throws SallyportError `config/invalid` where the text is not YAML */
export function readYaml(source: string, file: string, what: string): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  const fault = document.errors[0]
  if (fault !== undefined)
    throw new SallyportError('config/invalid', `The ${what} is not YAML: ${fault.message.split('\n')[0]}.`, {
      where: place(fault.pos[0]),
      mend: 'Correct the YAML at that place.',
    })
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 16 })
  } catch (cause) {
    throw new SallyportError('config/invalid', `The ${what} repeats too much by aliases.`, {
      where: file,
      mend: 'Write the values out.',
      cause,
    })
  }
  const at = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const parent: unknown =
        length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
      const key = path[length - 1]
      if (isMap(parent))
        for (const pair of parent.items)
          if (isScalar(pair.key) && pair.key.value === key && pair.key.range) return place(pair.key.range[0])
      const node: unknown = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return place(node.range[0])
    }
    return place(0)
  }
  return { value, at }
}
