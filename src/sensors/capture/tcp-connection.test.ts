import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureCounts } from './capture-counts.ts'
import { defaultCaptureLimits } from './capture-options.ts'
import { ConnectionTable } from './connection-table.ts'
import { ethernet, ipv4, Talk, taken, tcpSegment } from './fixture.ts'
import { PacketDecoder } from './packet-decoder.ts'

/** What the client said, gaps as `<size>`, and what the server said. */
function streams(packets: readonly { readonly time: number; readonly bytes: Buffer }[], limits = {}) {
  const bounds = { ...defaultCaptureLimits, ...limits }
  const counts = new CaptureCounts()
  const said: Record<string, string> = {}
  const order: string[] = []
  const table = new ConnectionTable(bounds, counts, ends => {
    const add = (side: 0 | 1, text: string): void => {
      const name = ends[side].port === 8_080 ? 'server' : `client${ends[side].port}`
      said[name] = (said[name] ?? '') + text
      order.push(name)
    }
    return {
      data: (side, bytes) => add(side, bytes.toString()),
      gap: (side, size) => add(side, `<${size}>`),
      finish: () => {},
      tick: () => {},
      pendingSince: () => undefined,
      end: () => order.push('end'),
    }
  })
  const decoder = new PacketDecoder(16, counts, segment => table.segment(segment))
  for (const { time, bytes } of packets) decoder.packet({ time, link: 1, bytes })
  table.flush()
  return { said, order, counts, held: table.held, open: table.open }
}

const question = 'a question of some length, so that it takes several segments'
const answer = 'and an answer that is not shorter than the question was at all'

describe('a connection', () => {
  it('gives what both ends said', () => {
    const { said, order } = streams(new Talk().open().client(question, 10).server(answer, 10).close().packets)
    expect(said).toEqual({ client40000: question, server: answer })
    expect(order.at(-1)).toBe('end')
  })

  it('is read from the middle, also over the end of its numbers', () => {
    const talk = new Talk({ first: 0xffffffff - 20 }).client(question, 10).server(answer, 10)
    expect(streams(talk.packets).said).toEqual({ client40000: question, server: answer })
  })

  it('gives the question before the answer, in whatever order they were captured', () => {
    let runs = 0
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }), moves => {
        runs += 1
        const { packets } = new Talk().open().client(question, 9).server(answer, 9)
        const mixed = packets.slice(3)
        for (const [index, move] of moves.entries()) {
          const from = index % mixed.length
          const [one] = mixed.splice(from, 1)
          mixed.splice(Math.min(mixed.length, from + (move % 6)), 0, one!)
        }
        const { said, order, counts } = streams([...packets.slice(0, 3), ...mixed])
        expect(said).toEqual({ client40000: question, server: answer })
        expect(order.lastIndexOf('client40000')).toBeLessThan(order.indexOf('server'))
        expect([counts.gaps, counts.conflicts]).toEqual([0, 0])
      }),
      { numRuns: 300 },
    )
    expect(runs).toBe(300)
  })

  it('gives each byte once, or tells how many are missing, whatever was lost or came twice', () => {
    let lost = 0
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 1, 1, 2), { minLength: 30, maxLength: 30 }), times => {
        const { packets } = new Talk().open().client(question, 9).server(answer, 9).client('!').server('?')
        const captured = packets.flatMap((packet, index) =>
          index < 3 ? [packet] : Array.from({ length: times[index % 30]! }, () => packet),
        )
        const { said, counts, held } = streams(captured)
        for (const [name, whole] of [
          ['client40000', `${question}!`],
          ['server', `${answer}?`],
        ] as const) {
          let at = 0
          for (const [, gap, text] of (said[name] ?? '').matchAll(/<(\d+)>|([^<]+)/g)) {
            if (gap !== undefined) at += Number(gap)
            else {
              expect(whole.slice(at, at + text!.length)).toBe(text)
              at += text!.length
            }
          }
          expect(at).toBeLessThanOrEqual(whole.length)
        }
        lost += counts.gaps
        expect([counts.conflicts, held]).toEqual([0, 0])
      }),
      { numRuns: 300 },
    )
    expect(lost).toBeGreaterThan(100)
  })

  it('goes on behind a gap', () => {
    const { packets } = new Talk().open().client('abcdef', 2).wait(1_000).client('gh')
    const { said, counts } = streams(packets.filter((_, index) => index !== 4))
    expect([said.client40000, counts.gapBytes]).toEqual(['ab<2>efgh', 2])
  })

  it('ends with a reset, unless that is far from what is expected', () => {
    expect(streams(new Talk().open().client('a').reset().packets).order.at(-1)).toBe('end')
    const talk = new Talk().open().client('a')
    const forged = tcpSegment({ from: talk.ends.to, to: talk.ends.from }, 500_000_000, 0, 4, Buffer.alloc(0))
    const bytes = ethernet(0x0800, ipv4({ from: talk.ends.to, to: talk.ends.from }, 6, forged))
    const { said, counts } = streams([
      ...talk.packets,
      { time: talk.time, bytes },
      ...talk.client('b').packets.slice(-1),
    ])
    expect([said.client40000, counts.strays]).toEqual(['ab', 1])
  })

  it('is another one when the same ends begin anew', () => {
    const first = new Talk().open().client('one').packets
    const second = new Talk({ first: 90_000, time: 1_796_000_001_000 }).open().client('two').packets
    const { counts, order } = streams([...first, ...second])
    expect([counts.connections, order]).toEqual([2, ['client40000', 'end', 'client40000', 'end']])
  })
})

describe('segments that overlap', () => {
  it('are believed as they came first; what contradicts is counted', () => {
    const { said, counts } = streams(
      new Talk().open().client('abcdef', 3).again(3, 'XXX').client('g').packets,
    )
    expect([said.client40000, counts.conflicts, counts.retransmissions]).toEqual(['abcdefg', 1, 1])
  })

  it('are believed as they came first also while they wait', () => {
    const { packets } = new Talk().open().client('abcdefgh', 2)
    // `cd` is late; before it, `ef` comes, and then `dXXh` over it.
    const late = new Talk().open().client('abc').again(0, 'dXXh').packets.at(-1)!
    const order = [0, 1, 2, 3, 5].map(index => packets[index]!)
    const { said, counts } = streams([...order, late, packets[4]!])
    expect([said.client40000, counts.conflicts]).toEqual(['abcdefh', 1])
  })

  it('leave a note on the calls of their connection', () => {
    const talk = new Talk()
      .open()
      .client('GET /a HTTP/1.1\r\n', 17)
      .again(17, 'GET /b HTTP/1.1\r\n')
      .client('Host: x\r\n\r\n')
      .server('HTTP/1.1 204 No Content\r\n\r\n')
    const { calls } = taken(talk.packets)
    expect(calls.map(({ request, extra }) => [request.target, extra])).toEqual([
      ['/a', { capture: { contradictingSegments: 1 } }],
    ])
  })
})

describe('many connections', () => {
  const many = Array.from({ length: 50 }, (_, index) =>
    new Talk({ clientPort: 10_000 + index }).open().client('x'),
  )

  it('are bounded: the one that was quiet longest goes', () => {
    const { counts, open } = streams(
      many.flatMap(talk => talk.packets),
      { connections: 10 },
    )
    expect([counts.connections, counts.evictedConnections, open]).toEqual([50, 40, 0])
  })

  it('are closed when they are quiet', () => {
    const later = new Talk({ clientPort: 9, time: 1_796_000_900_000 }).open().packets
    const { order } = streams([...many.flatMap(talk => talk.packets), ...later], { idleMs: 60_000 })
    expect(order.filter(what => what === 'end')).toHaveLength(51)
  })

  it('hold no more bytes than they may together', () => {
    const packets = many.flatMap((talk, index) => {
      const ends = talk.ends
      return Array.from({ length: 20 }, (_, place) => ({
        time: talk.time + index,
        bytes: ethernet(
          0x0800,
          ipv4(ends, 6, tcpSegment(ends, 5_000 + place * 1_000, 5_001, 16, Buffer.alloc(900))),
        ),
      }))
    })
    const { held, counts } = streams([...many.flatMap(talk => talk.packets), ...packets], {
      heldBytes: 20_000,
    })
    expect(held).toBe(0)
    expect(counts.gaps).toBeGreaterThan(500)
  })
})

it('never throws, whatever the numbers are', () => {
  const { ends } = new Talk()
  const turned = { from: ends.to, to: ends.from }
  const number = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 0xffffffff }))
  const segment = fc.record({
    client: fc.boolean(),
    sequence: number,
    acknowledged: number,
    flags: fc.constantFrom(16, 16, 16, 2, 18, 17, 1, 4, 0),
    size: fc.integer({ min: 0, max: 60 }),
    pause: fc.constantFrom(0, 1, 400),
  })
  let segments = 0
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 40 }), list => {
      let time = 1_796_000_000_000
      const packets = list.map(({ client, sequence, acknowledged, flags, size, pause }) => {
        time += pause
        const way = client ? ends : turned
        return {
          time,
          bytes: ethernet(
            0x0800,
            ipv4(way, 6, tcpSegment(way, sequence, acknowledged, flags, Buffer.alloc(size, 65))),
          ),
        }
      })
      segments += packets.length
      expect(streams(packets, { reorderBytes: 200, heldBytes: 400 }).held).toBe(0)
    }),
    { numRuns: 500 },
  )
  expect(segments).toBeGreaterThan(1_000)
})
