import type { IncomingMessage } from 'node:http'
import { BodyWindow } from '../gateway/body-window.ts'

/**
 * Reads a body to its end and keeps the first `keep` bytes; the rest goes by. Undefined where the sender gave up. More than `most` bytes
 * are not read: what came is told, cut off.
 */
export async function readBody(
  request: IncomingMessage,
  keep: number,
  most: number,
): Promise<{ readonly window: BodyWindow; readonly whole: boolean } | undefined> {
  const window = new BodyWindow(keep)
  return new Promise(resolve => {
    request.on('data', (chunk: Buffer) => {
      window.add(chunk)
      if (window.size <= most) return
      request.pause()
      resolve({ window, whole: false })
    })
    request.on('end', () => resolve({ window, whole: true }))
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
  })
}

/** Whether a body follows the head. Read from the list: the object of headers is made only for who asks for it. */
export function bringsBody({ rawHeaders }: IncomingMessage): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return true
    if (name.length === 14 && name.toLowerCase() === 'content-length' && rawHeaders[index + 1] !== '0')
      return true
  }
  return false
}
