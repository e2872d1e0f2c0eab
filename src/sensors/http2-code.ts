/** Types of frames (RFC 9113 §6). */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const frameFlag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

/** Settings (RFC 9113 §6.5.2). */
export const setting = { maxStreams: 3, initialWindow: 4, maxFrame: 5, maxHeaderList: 6 } as const

/** Why a stream or a connection is ended (RFC 9113 §7). */
export const endCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  compression: 9,
  calm: 11,
} as const

export const frameHeadBytes = 9
/** No frame of ours is longer, and we take none that is: what every peer must take. */
export const maxFrameBytes = 16_384
export const maxWindow = 0x7fffffff
/** Before a peer says otherwise. */
export const usualWindow = 65_535
