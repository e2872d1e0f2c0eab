import type { HeaderPair } from '../gateway/header-pair.ts'
import type { ProtobufReader } from './protobuf-reader.ts'
import type { ProtobufWriter } from './protobuf-writer.ts'

/** Of `envoy.config.core.v3`: HeaderMap, HeaderValue and HeaderValueOption. */

/** More headers than Envoy lets through as it is set up by default (100), by far; what comes after is left out. */
const maxHeaders = 1_000
const maxNameBytes = 1_024
const maxValueBytes = 65_536

/** A message's head as Envoy tells it: names in lower case, what begins with a colon apart. */
export interface EnvoyHead {
  readonly method: string
  readonly path: string
  readonly authority: string
  /** 0 where there is none. */
  readonly status: number
  readonly headers: readonly HeaderPair[]
  /** Headers beyond the bound. */
  readonly leftOut: number
}

/** Takes names and values one by one; of a map as of a list. */
export class HeadBuilder {
  readonly #headers: HeaderPair[] = []
  #method = ''
  #path = ''
  #authority = ''
  #status = 0
  #leftOut = 0

  add(name: string, value: string): void {
    if (name.charCodeAt(0) === 58) this.#addPseudo(name, value)
    else if (this.#headers.length < maxHeaders) this.#headers.push([name, value])
    else this.#leftOut += 1
  }

  #addPseudo(name: string, value: string): void {
    if (name === ':method') this.#method = value
    else if (name === ':path') this.#path = value
    else if (name === ':authority') this.#authority = value
    else if (name === ':status') this.#status = /^\d{3}$/.test(value) ? Number(value) : 0
  }

  /** A field of type HeaderMap. */
  addAll(map: ProtobufReader): void {
    for (let field = map.next(); field !== 0; field = map.next())
      if (field === 1) this.addValue(map.message())
  }

  /** A field of type HeaderValue, where newer Envoys give the value as bytes; an entry of a map of texts has the same numbers. */
  addValue(pair: ProtobufReader): void {
    let name = ''
    let value = ''
    for (let field = pair.next(); field !== 0; field = pair.next()) {
      if (field === 1) name = pair.text(maxNameBytes)
      else if (field === 2 || field === 3) value = pair.text(maxValueBytes) || value
    }
    if (name !== '') this.add(name.toLowerCase(), value)
  }

  head(): EnvoyHead {
    return {
      method: this.#method,
      path: this.#path,
      authority: this.#authority,
      status: this.#status,
      headers: this.#headers,
      leftOut: this.#leftOut,
    }
  }
}

const overwrite = 2

/** Envoy takes a value with control characters for a fault of ours, which could let the request pass: each becomes a space. */
function withoutControls(value: string): string {
  let clean = ''
  let from = 0
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code >= 32 && code !== 127) continue
    clean += `${value.slice(from, index)} `
    from = index + 1
  }
  return from === 0 ? value : clean + value.slice(from)
}

/** Where a HeaderValue has its value: ext_authz reads texts only, and ext_proc bytes only. */
export const asText = 2
export const asBytes = 3

/** Each pair as a HeaderValueOption in `field`: in place of what there is of that name. */
export function writeHeaders(
  writer: ProtobufWriter,
  field: number,
  pairs: readonly HeaderPair[],
  as: typeof asText | typeof asBytes,
): void {
  // Written from the last: the first pair comes first.
  for (let index = pairs.length - 1; index >= 0; index -= 1) {
    const [name, value] = pairs[index]!
    const option = writer.mark
    writer.integer(3, overwrite)
    const pair = writer.mark
    writer.text(as, withoutControls(value))
    writer.text(1, name)
    writer.message(1, pair)
    writer.message(field, option)
  }
}

export function writeTexts(writer: ProtobufWriter, field: number, texts: readonly string[]): void {
  for (let index = texts.length - 1; index >= 0; index -= 1) writer.text(field, texts[index]!)
}
