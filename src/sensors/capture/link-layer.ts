/** Where a network packet begins in what a link carried. */
export interface NetworkPacket {
  readonly protocol: 'ip' | 'other'
  readonly at: number
}

const ethernet = 1
const other: NetworkPacket = { protocol: 'other', at: 0 }

const etherTypes = {
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  oldVlan: 0x9100,
  mpls: 0x8847,
  pppoe: 0x8864,
} as const

/** Steps over the link layer (`LINKTYPE_…`): Ethernet with VLAN tags, MPLS and PPPoE; Linux cooked; raw IP; BSD loopback. */
export function networkPacketOf(link: number, bytes: Buffer): NetworkPacket {
  switch (link) {
    case ethernet:
      return ethernetPayload(bytes, 0)
    case 113:
      return bytes.length < 16 ? other : byEtherType(bytes, bytes.readUInt16BE(14), 16)
    case 276:
      return bytes.length < 20 ? other : byEtherType(bytes, bytes.readUInt16BE(0), 20)
    // Raw IP under its number in files, and under those of a few systems.
    case 101:
    case 12:
    case 14:
    case 228:
    case 229:
      return ip(0)
    // A protocol family in the byte order of the machine, or of the network.
    case 0:
    case 108: {
      if (bytes.length < 4) return other
      const family = bytes[0] === 0 && bytes[1] === 0 ? bytes.readUInt32BE(0) : bytes.readUInt32LE(0)
      return family === 2 || family === 10 || family === 24 || family === 28 || family === 30 ? ip(4) : other
    }
    default:
      return other
  }
}

const ip = (at: number): NetworkPacket => ({ protocol: 'ip', at })

/** The payload of an Ethernet frame that begins at `at`. */
export function ethernetPayload(bytes: Buffer, at: number): NetworkPacket {
  return bytes.length < at + 14 ? other : byEtherType(bytes, bytes.readUInt16BE(at + 12), at + 14)
}

/** What a protocol number of Ethernet says of the bytes behind it. */
export function byEtherType(bytes: Buffer, first: number, from: number): NetworkPacket {
  let type = first
  let at = from
  for (let tags = 0; tags < 4; tags += 1) {
    if (type === 0x0800 || type === 0x86dd) return ip(at)
    if (type === etherTypes.vlan || type === etherTypes.serviceVlan || type === etherTypes.oldVlan) {
      if (bytes.length < at + 4) return other
      type = bytes.readUInt16BE(at + 2)
      at += 4
    } else if (type === etherTypes.mpls) return belowLabels(bytes, at)
    else if (type === etherTypes.pppoe) {
      if (bytes.length < at + 8) return other
      const protocol = bytes.readUInt16BE(at + 6)
      return protocol === 0x0021 || protocol === 0x0057 ? ip(at + 8) : other
    } else return other
  }
  return other
}

/** MPLS (RFC 3032): labels up to the one that says it is the last. */
function belowLabels(bytes: Buffer, from: number): NetworkPacket {
  for (let at = from; at + 5 <= bytes.length && at < from + 32; at += 4)
    if ((bytes[at + 2]! & 1) === 1) {
      const version = bytes[at + 4]! >> 4
      return version === 4 || version === 6 ? ip(at + 4) : other
    }
  return other
}
