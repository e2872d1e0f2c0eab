import type { RawBody } from '../../call/raw-exchange.ts'
import type { Connection } from './asked-request.ts'
import { type EnvoyHead, HeadBuilder } from './header-map.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/** `envoy.service.auth.v3.CheckRequest`, as far as it is read. */
export interface CheckRequest {
  readonly head: EnvoyHead
  readonly connection: Connection
  /** What Envoy was told to send of the body; empty where there is none. */
  readonly body: Buffer
  /** Bytes of the body as far as the head says; -1 where it does not. */
  readonly size: number
}

interface Told {
  readonly builder: HeadBuilder
  method: string
  path: string
  host: string
  query: string
  protocol: string
  size: number
  body: Buffer
}

interface PeerTold {
  address: string | undefined
  port: number | undefined
  principal: string
}

const maxTextBytes = 65_536
const maxShortBytes = 1_024

/** @throws BrokenMessage */
export function decodeCheckRequest(bytes: Buffer): CheckRequest {
  const told: Told = {
    builder: new HeadBuilder(),
    method: '',
    path: '',
    host: '',
    query: '',
    protocol: '',
    size: -1,
    body: Buffer.alloc(0),
  }
  let source: PeerTold | undefined
  let destination: PeerTold | undefined
  const message = new ProtobufReader(bytes)
  for (let outer = message.next(); outer !== 0; outer = message.next()) {
    if (outer !== 1) continue
    const attributes = message.message()
    for (let field = attributes.next(); field !== 0; field = attributes.next()) {
      if (field === 1) source = peerIn(attributes.message())
      else if (field === 2) destination = peerIn(attributes.message())
      else if (field === 4) {
        const request = attributes.message()
        for (let inner = request.next(); inner !== 0; inner = request.next())
          if (inner === 2) readHttp(request.message(), told)
      }
    }
  }
  const head = told.builder.head()
  // The query is part of the path unless an old Envoy says it apart.
  const path = told.query !== '' && !told.path.includes('?') ? `${told.path}?${told.query}` : told.path
  return {
    head: {
      ...head,
      method: told.method || head.method,
      path: path || head.path,
      authority: told.host || head.authority,
    },
    connection: {
      source: source?.address,
      sourcePort: source?.port,
      destination: destination?.address,
      destinationPort: destination?.port,
      protocol: told.protocol,
      peerName: source?.principal,
    },
    body: told.body,
    size: told.size,
  }
}

function readHttp(http: ProtobufReader, to: Told): void {
  for (let field = http.next(); field !== 0; field = http.next()) {
    switch (field) {
      case 2:
        to.method = http.text(maxShortBytes)
        break
      case 3:
        to.builder.addValue(http.message())
        break
      case 4:
        to.path = http.text(maxTextBytes)
        break
      case 5:
        to.host = http.text(maxShortBytes)
        break
      case 7:
        to.query = http.text(maxTextBytes)
        break
      case 9: {
        // -1 comes as the largest number there is.
        const size = http.integer()
        to.size = Number.isSafeInteger(size) ? size : -1
        break
      }
      case 10:
        to.protocol = http.text(maxShortBytes)
        break
      case 11:
      case 12: {
        const body = http.bytes()
        if (body.length > 0) to.body = body
        break
      }
      case 13:
        to.builder.addAll(http.message())
    }
  }
}

function peerIn(peer: ProtobufReader): PeerTold {
  const told: PeerTold = { address: undefined, port: undefined, principal: '' }
  for (let field = peer.next(); field !== 0; field = peer.next()) {
    if (field === 4) told.principal = peer.text(maxShortBytes)
    if (field !== 1) continue
    const address = peer.message()
    for (let kind = address.next(); kind !== 0; kind = address.next()) {
      if (kind !== 1) continue
      const socket = address.message()
      for (let inner = socket.next(); inner !== 0; inner = socket.next()) {
        if (inner === 2) told.address = socket.text(maxShortBytes)
        else if (inner === 3) told.port = socket.integer()
      }
    }
  }
  return told
}

/** The header with which Envoy says that it sent only the beginning of a body. */
const partial = 'x-envoy-auth-partial-body'

/** What was sent of the body. Where nothing was, policies decide without it. */
export function bodyOf(
  { head, body, size }: Pick<CheckRequest, 'head' | 'body' | 'size'>,
  window: number,
): RawBody {
  const cut = head.headers.some(([name, value]) => name === partial && value === 'true')
  const bytes = body.length > window ? Buffer.from(body.subarray(0, window)) : body
  const whole = Math.max(size, body.length)
  return { bytes, size: whole, truncated: cut || whole > bytes.length }
}
