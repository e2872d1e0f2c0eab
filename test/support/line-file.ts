import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SallyportEvent } from '../../src/call/event.ts'
import { Redactor } from '../../src/call/redactor.ts'
import type { Rejection } from '../../src/kit/rejection.ts'
import { readEvents } from '../../src/sensors/files/index.ts'

const redactor = new Redactor({ key: Buffer.alloc(32, 7) })

/** What a file with this content tells, read as `analyze` reads it. */
export async function readContent(
  content: string | Uint8Array,
): Promise<{ readonly events: readonly SallyportEvent[]; readonly rejections: readonly Rejection[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-content-'))
  try {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    const events: SallyportEvent[] = []
    const rejections: Rejection[] = []
    for await (const event of readEvents([path], {
      redactor,
      onRejection: rejection => rejections.push(rejection),
    }))
      events.push(event)
    return { events, rejections }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Records as JSON Lines. */
export const asLines = (...records: readonly object[]): string =>
  records.map(record => `${JSON.stringify(record)}\n`).join('')
