import type { Content, Json } from '../../content.ts'
import type { DescriptorSet, MethodDescriptor } from './descriptor-set.ts'
import { nameFields } from './name-fields.ts'

/** A method and the set that declares its messages. */
export interface DescribedMethod {
  readonly method: MethodDescriptor
  readonly set: DescriptorSet
}

/** `/package.Service/Method`, whatever a proxy put before it. */
const methodPath = /([A-Za-z_][\w.]{0,200})\/([A-Za-z_]\w{0,100})$/
const longestPath = 303

/** The descriptor sets that are known, by the paths of their methods. The first set that has a method counts. Immutable. */
export class DescriptorRegistry {
  readonly #methods = new Map<string, DescribedMethod>()

  constructor(sets: readonly DescriptorSet[]) {
    for (const set of sets)
      for (const { name, methods } of set.services)
        for (const method of methods) {
          const path = `${name}/${method.name}`
          if (!this.#methods.has(path)) this.#methods.set(path, { method, set })
        }
  }

  /** Methods known. */
  get size(): number {
    return this.#methods.size
  }

  /** @param path of the request, with whatever stands before the service */
  method(path: string): DescribedMethod | undefined {
    const found = methodPath.exec(path.slice(-longestPath))
    return found === null ? undefined : this.#methods.get(`${found[1]}/${found[2]}`)
  }

  /**
   * A body of a call of that path with the names of its fields; one that is no protobuf, or has names already (JSON), as it
   * is. Of a stream each message.
   */
  name(content: Content, path: string, side: 'request' | 'response'): Content {
    if (content.kind !== 'json' || this.#methods.size === 0) return content
    const described = this.method(path)
    if (described === undefined) return content
    const { method, set } = described
    const name = side === 'request' ? method.input : method.output
    const { value } = content
    if (!isNumbered(Array.isArray(value) ? value[0] : value)) return content
    const named = Array.isArray(value)
      ? (value as readonly Json[]).map(message => nameFields(message, set, name))
      : nameFields(value, set, name)
    return { ...content, value: named }
  }
}

/** Keys are field numbers: the message was read without its descriptor. */
export function isNumbered(message: Json | undefined): boolean {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false
  for (const key in message) return /^\d{1,9}$/.test(key)
  return false
}
