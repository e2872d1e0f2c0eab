import { SpopFault, SpopReader, type SpopValue, spopStatus } from './spop-reader.ts'
import { SpopWriter } from './spop-writer.ts'

/** Stream Processing Offload Protocol 2.0 (HAProxy, SPOE.txt §3): the frames of an agent. */
export const frameTypes = {
  haproxyHello: 1,
  haproxyDisconnect: 2,
  notify: 3,
  agentHello: 101,
  agentDisconnect: 102,
  ack: 103,
} as const

const finished = 1

export interface SpopFrame {
  readonly type: number
  readonly finished: boolean
  readonly stream: number
  readonly frame: number
  readonly payload: SpopReader
}

export function readFrame(bytes: Buffer): SpopFrame {
  const reader = new SpopReader(bytes)
  const type = reader.byte()
  const flags = reader.uint32()
  return {
    type,
    finished: (flags & finished) !== 0,
    stream: reader.integer(),
    frame: reader.integer(),
    payload: reader,
  }
}

/** `name → value` until the end of the frame, at most `most` of them. */
export function readPairs(reader: SpopReader, most = 64): Map<string, SpopValue> {
  const pairs = new Map<string, SpopValue>()
  while (reader.more) {
    if (pairs.size >= most) throw new SpopFault(spopStatus.invalid, 'A frame has too many values.')
    pairs.set(reader.text(), reader.value())
  }
  return pairs
}

export interface SpopMessage {
  readonly name: string
  readonly values: ReadonlyMap<string, SpopValue>
}

export function readMessages(reader: SpopReader, most = 8): SpopMessage[] {
  const messages: SpopMessage[] = []
  while (reader.more) {
    if (messages.length >= most) throw new SpopFault(spopStatus.invalid, 'A frame has too many messages.')
    const name = reader.text()
    const values = new Map<string, SpopValue>()
    for (let left = reader.byte(); left > 0; left -= 1) values.set(reader.text(), reader.value())
    messages.push({ name, values })
  }
  return messages
}

/** `name: value` pairs as HAProxy's `req.hdrs_bin` writes them; an empty pair ends them. */
export function readHeaderBlock(bytes: Buffer): [string, string][] {
  const reader = new SpopReader(bytes)
  const headers: [string, string][] = []
  while (reader.more) {
    const name = reader.text()
    const value = reader.text()
    if (name === '') break
    headers.push([name.toLowerCase(), value])
  }
  return headers
}

export const helloFrame = (maxFrameSize: number): Buffer =>
  head(frameTypes.agentHello, 0, 0)
    .pair('version', '2.0')
    .pair('max-frame-size', maxFrameSize)
    .pair('capabilities', 'pipelining')
    .frame()

export const disconnectFrame = (status: number, message: string): Buffer =>
  head(frameTypes.agentDisconnect, 0, 0).pair('status-code', status).pair('message', message).frame()

/** Sets variables of the transaction. */
export function ackFrame(
  { stream, frame }: SpopFrame,
  variables: Iterable<readonly [string, string | number | boolean]>,
): Buffer {
  const writer = head(frameTypes.ack, stream, frame)
  for (const [name, value] of variables) writer.byte(setVariable).byte(3).byte(transaction).pair(name, value)
  return writer.frame()
}

const setVariable = 1
const transaction = 2

const head = (type: number, stream: number, frame: number): SpopWriter =>
  new SpopWriter().byte(type).uint32(finished).integer(stream).integer(frame)
