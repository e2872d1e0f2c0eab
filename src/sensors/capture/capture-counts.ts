/** What became of the packets of a capture. */
export class CaptureCounts {
  packets = 0
  /** Left out: longer than the bound, or cut off by the end of the file. */
  brokenPackets = 0
  /** On a link layer, or of a protocol above it, that is not read. */
  otherPackets = 0
  /** Fragments whose datagram never became whole. */
  lostFragments = 0
  connections = 0
  /** Closed early because too many were open. */
  evictedConnections = 0
  calls = 0
  flows = 0
  /** Bytes that the other side had, and the capture had not. */
  gapBytes = 0
  gaps = 0
  /** Segments that said again what was said before. */
  retransmissions = 0
  /** Segments that said something else where something was said before: the first is believed. A sign of evasion. */
  conflicts = 0
  /** Segments whose numbers do not belong to their connection. */
  strays = 0
  /** Answers whose request was not seen. */
  unpaired = 0
  /** Messages that could not be read, by why. */
  readonly faults = new Map<string, number>()
  /** Bytes skipped until a message began again. */
  skippedBytes = 0
  /** Connections in TLS: their calls are not seen. */
  tls = 0
  /** Bytes of bodies not kept because all connections together held too much. */
  unheldBytes = 0

  fault(reason: string): void {
    // Reasons are a closed list of sentences.
    this.faults.set(reason, (this.faults.get(reason) ?? 0) + 1)
  }

  /** Sentences about what was not read; empty where all was. */
  explain(): readonly string[] {
    const rows: readonly (readonly [count: number, what: string])[] = [
      [this.brokenPackets, 'packets were cut off or too long'],
      [this.lostFragments, 'fragments wait for others that were not captured'],
      [this.evictedConnections, 'connections were given up for newer ones'],
      [this.gaps, `gaps in streams, with ${this.gapBytes} bytes that were not captured`],
      [
        this.conflicts,
        'segments contradict earlier ones, which is a sign of evasion; the first was believed',
      ],
      [this.strays, 'segments do not belong to their connection'],
      [this.unpaired, 'answers have no request that was captured'],
      [this.skippedBytes, 'bytes were skipped until a message began again'],
      [this.tls, 'connections are in TLS, so their calls are not seen'],
      [this.unheldBytes, 'bytes of bodies were not kept, because too much was open at once'],
    ]
    return [
      ...(this.packets > 0 && this.calls + this.flows === 0
        ? [`None of its ${this.packets} packets is of a call or of a connection with data.`]
        : []),
      ...rows.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}.`),
      ...[...this.faults].map(([reason, count]) => `${count} times: ${reason}.`),
    ]
  }
}
