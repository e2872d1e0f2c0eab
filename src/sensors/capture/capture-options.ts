/** Bounds of what a capture may make the reader hold. At each of them something is left out and counted. */
export interface CaptureLimits {
  /** TCP connections followed at a time; the one that was quiet longest is closed for a new one. */
  readonly connections: number
  /** Ms of capture time without a packet after which a connection is taken to be over. */
  readonly idleMs: number
  /** Ms of capture time that a missing piece of a stream is waited for. */
  readonly reorderMs: number
  /** Bytes of one connection that wait for a missing piece. */
  readonly reorderBytes: number
  /** Bytes held by all connections together: pieces that wait, heads, bodies. */
  readonly heldBytes: number
  /** Bytes of one body that are kept. */
  readonly bodyBytes: number
  /** Bytes of the head of a message, or of a header block of HTTP/2 before and after decoding. */
  readonly headBytes: number
  readonly headerCount: number
  /** Requests of one connection that wait for their answers. */
  readonly pipelined: number
  /** Streams of one HTTP/2 connection at a time. */
  readonly streams: number
  /** Datagrams whose fragments wait for each other. */
  readonly datagrams: number
  /** Bytes of one packet; a longer one is left out. */
  readonly packetBytes: number
  /** Ms of capture time after which a connection that goes on is told of again. */
  readonly flowEveryMs: number
}

export const defaultCaptureLimits: CaptureLimits = {
  connections: 65_536,
  idleMs: 300_000,
  reorderMs: 300,
  reorderBytes: 1024 * 1024,
  heldBytes: 256 * 1024 * 1024,
  bodyBytes: 65_536,
  headBytes: 65_536,
  headerCount: 256,
  pipelined: 128,
  streams: 256,
  datagrams: 256,
  packetBytes: 512 * 1024,
  flowEveryMs: 60_000,
}

/** How packets of this machine are captured. */
export interface CaptureOptions {
  /** A network interface; `any` is all of them. */
  readonly interface: string
  /** A filter of pcap (pcap-filter(7)), e.g. `tcp port 8080 or udp port 4789`; all TCP and the tunnels it may be in when absent. */
  readonly filter?: string
  /** The program, by name or path. */
  readonly command: string
  /** Bytes of the kernel's buffer, in KiB. */
  readonly bufferKib: number
  /** Ms before it is started again after it ended, doubled each time up to `mostRestartMs`. */
  readonly restartMs: number
  readonly mostRestartMs: number
  /** Ms within which it must say that it listens. */
  readonly startMs: number
  /** Ms between two questions to it how many packets it lost. */
  readonly statisticsMs: number
  readonly limits: Partial<CaptureLimits>
}

export const defaultCaptureOptions: CaptureOptions = {
  interface: 'any',
  command: 'tcpdump',
  bufferKib: 16_384,
  restartMs: 1_000,
  mostRestartMs: 60_000,
  startMs: 10_000,
  statisticsMs: 10_000,
  limits: {},
}

/** TCP, its fragments, and what mirrored traffic comes in: VXLAN, Geneve, GRE; each also with a VLAN tag. */
export const defaultCaptureFilter =
  'tcp or ip proto 47 or ip6 proto 47 or udp port 4789 or udp port 8472 or udp port 6081 or (ip[6:2] & 0x3fff != 0) or vlan'
