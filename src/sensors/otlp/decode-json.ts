import { attributeNumbers, requestHeaderPrefix, responseHeaderPrefix } from './conventions.ts'
import { addHeader, BrokenTelemetry } from './decode-protobuf.ts'
import { Attributes, type AttributeValue, type Span, type SpanResource, spanKinds } from './span.ts'

type Record = { readonly [key: string]: unknown }

const isRecord = (value: unknown): value is Record =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/**
 * The spans of an `ExportTraceServiceRequest` in OTLP's JSON: lower camel case, ids in hex, 64-bit numbers as texts or numbers, kinds as
 * numbers or by name. Snake case is read as well. What has another shape is left out.
 * @throws BrokenTelemetry Where the value is no such request at all.
 */
export function decodeJsonTraces(value: unknown, take: (span: Span) => void): void {
  const groups = isRecord(value) ? (value.resourceSpans ?? value.resource_spans) : undefined
  if (!Array.isArray(groups)) throw new BrokenTelemetry('There is no list `resourceSpans`.')
  for (const group of groups) {
    if (!isRecord(group)) continue
    const resource: SpanResource = {
      attributes: attributesOf(isRecord(group.resource) ? group.resource.attributes : undefined),
    }
    const scopes = group.scopeSpans ?? group.scope_spans ?? group.instrumentationLibrarySpans
    for (const scope of listOf(scopes)) {
      if (!isRecord(scope)) continue
      for (const span of listOf(scope.spans)) if (isRecord(span)) take(spanOf(span, resource))
    }
  }
}

function spanOf(span: Record, resource: SpanResource): Span {
  const status = isRecord(span.status) ? span.status.code : undefined
  return {
    resource,
    traceId: packed(span.traceId ?? span.trace_id, 16),
    spanId: packed(span.spanId ?? span.span_id, 8),
    parentId: packed(span.parentSpanId ?? span.parent_span_id, 8),
    traceState: textOf(span.traceState ?? span.trace_state),
    name: textOf(span.name).slice(0, 512),
    kind: kindOf(span.kind),
    start: milliseconds(span.startTimeUnixNano ?? span.start_time_unix_nano),
    end: milliseconds(span.endTimeUnixNano ?? span.end_time_unix_nano),
    failed: status === 2 || status === 'STATUS_CODE_ERROR',
    attributes: attributesOf(span.attributes),
  }
}

function kindOf(value: unknown): Span['kind'] {
  if (typeof value === 'number') return spanKinds[value] ?? 'unspecified'
  const name = typeof value === 'string' ? value.replace(/^SPAN_KIND_/, '').toLowerCase() : ''
  return spanKinds.find(kind => kind === name) ?? 'unspecified'
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Hex, or base64 as generic protobuf JSON writes bytes. */
function packed(value: unknown, size: number): string {
  if (typeof value !== 'string') return ''
  if (value.length === size * 2 && /^[0-9a-fA-F]+$/.test(value))
    return Buffer.from(value, 'hex').toString('latin1')
  if (value.length > size * 2) return ''
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === size ? bytes.toString('latin1') : ''
}

function milliseconds(value: unknown): number {
  if (typeof value === 'number') return value / 1e6
  // Beyond 2^53: the last digits are below a microsecond.
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? Number(value) / 1e6 : 0
}

function attributesOf(value: unknown): Attributes {
  const attributes = new Attributes()
  for (const pair of listOf(value)) {
    if (!isRecord(pair) || typeof pair.key !== 'string') continue
    const number = attributeNumbers.get(pair.key)
    if (number !== undefined) {
      const read = readValue(pair.value, 0)
      if (read !== undefined) attributes.set(number, read)
    } else if (pair.key.startsWith(requestHeaderPrefix) || pair.key.startsWith(responseHeaderPrefix))
      addHeader(attributes, pair.key, readValue(pair.value, 0))
  }
  return attributes
}

function readValue(value: unknown, depth: number): AttributeValue | undefined {
  if (!isRecord(value)) return undefined
  if (typeof value.stringValue === 'string') return value.stringValue.slice(0, 4096)
  if (typeof value.boolValue === 'boolean') return value.boolValue
  if (typeof value.doubleValue === 'number') return value.doubleValue
  const { intValue } = value
  if (typeof intValue === 'number') return intValue
  if (typeof intValue === 'string' && /^-?\d{1,19}$/.test(intValue)) return Number(intValue)
  if (depth < 2 && isRecord(value.arrayValue))
    return listOf(value.arrayValue.values)
      .slice(0, 64)
      .flatMap(one => readValue(one, depth + 1) ?? [])
  return undefined
}
