import { memo } from '../../kit/memo.ts'

/** A media type taken apart: lower case, parameters that matter here. */
export interface ContentType {
  /** `application/json`; empty when absent. */
  readonly essence: string
  readonly charset: string | undefined
  readonly boundary: string | undefined
}

const parameter = (header: string, name: string): string | undefined => {
  const at = header.toLowerCase().indexOf(`${name}=`)
  if (at < 0) return undefined
  const from = at + name.length + 1
  if (header.charCodeAt(from) === 34) {
    const close = header.indexOf('"', from + 1)
    return header.slice(from + 1, close < 0 ? undefined : close)
  }
  const end = header.indexOf(';', from)
  return header.slice(from, end < 0 ? undefined : end).trim()
}

const parse = (header: string): ContentType => {
  const end = header.indexOf(';')
  return {
    essence: (end < 0 ? header : header.slice(0, end)).trim().toLowerCase(),
    charset: end < 0 ? undefined : parameter(header, 'charset')?.toLowerCase(),
    boundary: end < 0 ? undefined : parameter(header, 'boundary'),
  }
}

const remembered = memo(parse)
const absent: ContentType = { essence: '', charset: undefined, boundary: undefined }

/** Reads a `content-type` header; never fails. */
export const parseContentType = (header: string | undefined): ContentType =>
  header === undefined ? absent : remembered(header)

export type Family = 'json' | 'ndjson' | 'form' | 'multipart' | 'text' | 'binary' | 'unknown'

/** How a body of that type is to be read. */
export function familyOf(essence: string): Family {
  if (essence === '') return 'unknown'
  if (essence === 'application/json' || essence.endsWith('+json') || essence === 'text/json') return 'json'
  if (essence === 'application/x-www-form-urlencoded') return 'form'
  if (essence === 'multipart/form-data' || essence === 'multipart/mixed' || essence === 'multipart/related')
    return 'multipart'
  if (/^application\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-seq|json-lines)$/.test(essence)) return 'ndjson'
  if (essence.startsWith('text/') || essence.endsWith('+xml') || essence.endsWith('+yaml')) return 'text'
  if (
    /^application\/(?:xml|graphql|javascript|ecmascript|x-javascript|yaml|x-yaml|sql|jwt|jose|x-httpd-php|xhtml)$/.test(
      essence,
    )
  )
    return 'text'
  if (/^(?:image|audio|video|font)\//.test(essence)) return essence.endsWith('svg+xml') ? 'text' : 'binary'
  if (
    /^application\/(?:octet-stream|pdf|zip|gzip|x-protobuf|protobuf|x-tar|wasm|msgpack|x-msgpack|cbor)$/.test(
      essence,
    )
  )
    return 'binary'
  if (essence.startsWith('application/grpc') || essence.startsWith('application/vnd.openxml')) return 'binary'
  return 'unknown'
}
