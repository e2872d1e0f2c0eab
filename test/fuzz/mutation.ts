import type { Pick } from './fuzz-target.ts'

/** The bytes with up to three faults in them: changed, flipped, cut, left out, put between or repeated. */
export function mutated(bytes: Buffer, pick: Pick): Buffer {
  let now: Buffer = Buffer.from(bytes)
  for (let left = pick(4); left > 0 && now.length > 0; left -= 1) {
    const at = pick(now.length)
    switch (pick(6)) {
      case 0:
        now[at] = pick(256)
        break
      case 1:
        now = now.subarray(0, at)
        break
      case 2:
        now[at] = now[at]! ^ (1 << pick(8))
        break
      case 3:
        now = Buffer.concat([now.subarray(0, at), Buffer.alloc(1 + pick(12), 0xff), now.subarray(at)])
        break
      case 4:
        now = Buffer.concat([now, now.subarray(at)])
        break
      default:
        now = Buffer.concat([now.subarray(0, at), now.subarray(Math.min(now.length, at + 1 + pick(8)))])
    }
  }
  return now
}
