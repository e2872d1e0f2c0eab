import type { CommonEntry, EnvoyAddress, EnvoyNode, HttpEntry, TcpEntry } from './access-log-entry.ts'
import { ProtobufReader } from './protobuf-reader.ts'

export interface AccessLogEvents {
  node(node: EnvoyNode): void
  http(entry: HttpEntry): void
  tcp(entry: TcpEntry): void
}

type Pair = readonly [name: string, value: string]

const nameLength = 256
const valueLength = 8_192
const mostHeaders = 256
const mostMetadata = 64

const methods = ['', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const
const versions = ['1.1', '1.0', '1.1', '2', '3'] as const
const tlsVersions = [undefined, 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

/** Flags by their field, as `%RESPONSE_FLAGS%` writes them. */
const flagNames: readonly (string | undefined)[] = [
  undefined,
  'LH',
  'UH',
  'UT',
  'LR',
  'UR',
  'UF',
  'UC',
  'UO',
  'NR',
  'DI',
  'FI',
  'RL',
  'UAEX',
  'RLSE',
  'DC',
  'URX',
  'SI',
  'IH',
  'DPE',
  'UMSDR',
  'RFCF',
  'NFCF',
  'DT',
  'UPE',
  'NC',
  'OM',
  'DF',
]
const unauthorizedFlag = 13

/**
 * A `StreamAccessLogsMessage` (envoy/service/accesslog/v3/als.proto). Reads what is used and steps over the rest.
 * @throws BrokenMessage Entries before the fault were told.
 */
export function decodeAccessLogs(bytes: Buffer, events: AccessLogEvents): void {
  const message = new ProtobufReader(bytes)
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) events.node(readIdentifier(message.message()))
    else if (field === 2) each(message.message(), entry => events.http(readHttp(entry)))
    else if (field === 3) each(message.message(), entry => events.tcp(readTcp(entry)))
  }
}

function each(entries: ProtobufReader, read: (entry: ProtobufReader) => void): void {
  for (let field = entries.next(); field !== 0; field = entries.next())
    if (field === 1) read(entries.message())
}

function readIdentifier(message: ProtobufReader): EnvoyNode {
  let id = ''
  let cluster = ''
  let logName = ''
  const metadata = new Map<string, string>()
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 2) logName = message.text(nameLength)
    else if (field === 1) {
      const node = message.message()
      for (let inner = node.next(); inner !== 0; inner = node.next()) {
        if (inner === 1) id = node.text(nameLength)
        else if (inner === 2) cluster = node.text(nameLength)
        else if (inner === 3) readStruct(node.message(), metadata)
      }
    }
  }
  return { id, cluster, metadata, logName }
}

/** The texts of a `google.protobuf.Struct`; other values are left out. */
function readStruct(struct: ProtobufReader, into: Map<string, string>): void {
  for (let field = struct.next(); field !== 0; field = struct.next()) {
    if (field !== 1) continue
    const entry = struct.message()
    let name = ''
    let text: string | undefined
    for (let inner = entry.next(); inner !== 0; inner = entry.next()) {
      if (inner === 1) name = entry.text(nameLength)
      else if (inner === 2) {
        const value = entry.message()
        for (let kind = value.next(); kind !== 0; kind = value.next())
          if (kind === 3) text = value.text(nameLength)
      }
    }
    if (text !== undefined && into.size < mostMetadata) into.set(name, text)
  }
}

function readHttp(message: ProtobufReader): HttpEntry {
  let common = emptyCommon
  let version = '1.1'
  let request = emptyRequest
  let response = emptyResponse
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) common = readCommon(message.message())
    else if (field === 2) version = versions[message.integer()] ?? '1.1'
    else if (field === 3) request = readRequest(message.message())
    else if (field === 4) response = readResponse(message.message())
  }
  return { common, version, ...request, ...response }
}

function readTcp(message: ProtobufReader): TcpEntry {
  let common = emptyCommon
  let received = 0
  let sent = 0
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) common = readCommon(message.message())
    else if (field === 2) {
      const connection = message.message()
      for (let inner = connection.next(); inner !== 0; inner = connection.next()) {
        if (inner === 1) received = connection.integer()
        else if (inner === 2) sent = connection.integer()
      }
    }
  }
  return { common, received, sent }
}

type RequestPart = Pick<
  HttpEntry,
  'method' | 'scheme' | 'authority' | 'path' | 'requestHeaders' | 'requestBytes' | 'requestId'
>
type ResponsePart = Pick<HttpEntry, 'status' | 'responseHeaders' | 'responseBytes'>

const emptyRequest: RequestPart = {
  method: '',
  scheme: '',
  authority: '',
  path: '',
  requestHeaders: [],
  requestBytes: 0,
  requestId: '',
}
const emptyResponse: ResponsePart = { status: 0, responseHeaders: [], responseBytes: 0 }
const emptyCommon: CommonEntry = {
  time: 0,
  upstreamCluster: '',
  routeName: '',
  flags: [],
  intermediate: false,
}

function readRequest(message: ProtobufReader): RequestPart {
  let { method, scheme, authority, path, requestBytes, requestId } = emptyRequest
  let original = ''
  const headers: Pair[] = []
  const named: Pair[] = []
  for (let field = message.next(); field !== 0; field = message.next()) {
    switch (field) {
      case 1:
        method = methods[message.integer()] ?? ''
        break
      case 2:
        scheme = message.text(nameLength)
        break
      case 3:
        authority = message.text(nameLength)
        break
      case 5:
        path = message.text(65_536)
        break
      case 6:
        named.push(['user-agent', message.text(valueLength)])
        break
      case 7:
        named.push(['referer', message.text(valueLength)])
        break
      case 8:
        named.push(['x-forwarded-for', message.text(valueLength)])
        break
      case 9:
        requestId = message.text(nameLength)
        break
      case 10:
        original = message.text(65_536)
        break
      case 12:
        requestBytes = message.integer()
        break
      case 13:
        readPair(message.message(), headers)
    }
  }
  const given = new Set(headers.map(([name]) => name))
  // Headers that are logged by name say the same again.
  for (const pair of named) if (pair[1] !== '' && !given.has(pair[0])) headers.push(pair)
  // The path as the client sent it, where a route rewrote it.
  return {
    method,
    scheme,
    authority,
    path: original || path,
    requestHeaders: headers,
    requestBytes,
    requestId,
  }
}

function readResponse(message: ProtobufReader): ResponsePart {
  let { status, responseBytes } = emptyResponse
  const headers: Pair[] = []
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) status = wrapped(message.message())
    else if (field === 3) responseBytes = message.integer()
    else if (field === 4 || field === 5) readPair(message.message(), headers)
  }
  return { status, responseHeaders: headers, responseBytes }
}

function readPair(entry: ProtobufReader, into: Pair[]): void {
  let name = ''
  let value = ''
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field === 1) name = entry.text(nameLength).toLowerCase()
    else if (field === 2) value = entry.text(valueLength)
  }
  if (name !== '' && !name.startsWith(':') && into.length < mostHeaders) into.push([name, value])
}

function readCommon(message: ProtobufReader): CommonEntry {
  const common: { -readonly [Key in keyof CommonEntry]?: CommonEntry[Key] } = {}
  let upstreamCluster = ''
  let routeName = ''
  let time = 0
  let intermediate = false
  let flags: readonly string[] = []
  let lastByteMs: number | undefined
  const address = (name: 'remote' | 'local' | 'upstream' | 'directRemote'): void => {
    const found = readAddress(message.message())
    if (found !== undefined) common[name] = found
  }
  for (let field = message.next(); field !== 0; field = message.next()) {
    switch (field) {
      case 2:
        address('remote')
        break
      case 3:
        address('local')
        break
      case 4:
        Object.assign(common, readTls(message.message()))
        break
      case 5:
        time = milliseconds(message.message())
        break
      case 12:
        lastByteMs = milliseconds(message.message())
        break
      case 13:
        address('upstream')
        break
      case 15:
        upstreamCluster = message.text(nameLength)
        break
      case 16:
        flags = readFlags(message.message())
        break
      case 19:
        routeName = message.text(nameLength)
        break
      case 20:
        address('directRemote')
        break
      case 23:
        common.durationMs = milliseconds(message.message())
        break
      case 26:
        intermediate = message.integer() !== 0
    }
  }
  const durationMs = common.durationMs ?? lastByteMs
  return {
    ...common,
    ...(durationMs === undefined ? {} : { durationMs }),
    time,
    upstreamCluster,
    routeName,
    flags,
    intermediate,
  }
}

function readAddress(message: ProtobufReader): EnvoyAddress | undefined {
  let ip = ''
  let port = 0
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field !== 1) continue
    const socket = message.message()
    for (let inner = socket.next(); inner !== 0; inner = socket.next()) {
      if (inner === 2) ip = socket.text(64)
      else if (inner === 3) port = socket.integer()
    }
  }
  return /^[0-9a-fA-F.:]{2,45}$/.test(ip) && port <= 65_535 ? { ip, port } : undefined
}

function readTls(message: ProtobufReader): Partial<CommonEntry> {
  let tlsVersion: string | undefined
  let serverName = ''
  let peerName = ''
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) tlsVersion = tlsVersions[message.integer()]
    else if (field === 3) serverName = message.text(nameLength)
    else if (field === 5) peerName = uriName(message.message())
  }
  return {
    ...(tlsVersion === undefined ? {} : { tlsVersion }),
    ...(serverName === '' ? {} : { serverName }),
    ...(peerName === '' ? {} : { peerName }),
  }
}

function uriName(certificate: ProtobufReader): string {
  let found = ''
  for (let field = certificate.next(); field !== 0; field = certificate.next()) {
    if (field !== 1) continue
    const name = certificate.message()
    for (let kind = name.next(); kind !== 0; kind = name.next())
      if (kind === 1 && found === '') found = name.text(nameLength)
  }
  return found
}

function readFlags(message: ProtobufReader): readonly string[] {
  const flags: string[] = []
  for (let field = message.next(); field !== 0; field = message.next()) {
    const name = flagNames[field]
    if (name === undefined || flags.length >= flagNames.length) continue
    if (field === unauthorizedFlag || message.integer() !== 0) flags.push(name)
  }
  return flags
}

/** `google.protobuf.Timestamp` or `Duration`. */
function milliseconds(message: ProtobufReader): number {
  let seconds = 0
  let nanos = 0
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) seconds = message.integer()
    else if (field === 2) nanos = message.integer()
  }
  return seconds <= 8.64e12 && nanos < 1e9 ? seconds * 1000 + Math.floor(nanos / 1e3) / 1e3 : 0
}

/** `google.protobuf.UInt32Value`. */
function wrapped(message: ProtobufReader): number {
  let value = 0
  for (let field = message.next(); field !== 0; field = message.next())
    if (field === 1) value = message.integer()
  return value
}
