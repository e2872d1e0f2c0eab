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

/** Whether a body follows the head. */
export const bringsBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
