import { createReadStream, readFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { SallyportError } from '../../kit/error.ts'

/** What is wrong with the bytes of a file after those that could be read. */
export class BrokenBytes extends Error {}

/** The bytes of a file, inflated and as UTF-8; can be read more than once. */
export interface ByteSource {
  readonly path: string
  /**
   * Chunks from the start.
   * @throws BrokenBytes after the last good chunk of a damaged file
   */
  open(): AsyncIterable<Uint8Array>
}

export interface ByteLimits {
  /** Bytes of a file, after inflating. */
  readonly maxFileBytes: number
  /** Bytes kept in memory of what can be read only once (a pipe). */
  readonly maxBufferedBytes: number
}

/** Text compresses by 10 to 100; deflate's limit, which bombs are near, is about 1,030. */
const bombRatio = 500
const smallBytes = 64 * 1024
const bombFloor = 64 * 1024 * 1024

/**
 * Opens a file for reading, also gzip and UTF-16 with a byte order mark, both recognised by content.
 * @throws SallyportError `input/unreadable` where it is missing, forbidden or a directory, `input/too-large` beyond `maxFileBytes`
 */
export async function byteSource(path: string, limits: ByteLimits): Promise<ByteSource> {
  const info = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (info.isDirectory()) {
    throw new SallyportError('input/unreadable', 'That is a directory, not a file.', {
      where: path,
      mend: 'Name the files in it.',
    })
  }
  if (info.isFile() && info.size > limits.maxFileBytes) throw tooLarge(path, limits.maxFileBytes)
  // Of many small files each is read at once: opening streams takes longer than reading them.
  if (info.isFile() && info.size <= smallBytes) {
    const start = small(path).subarray(0, 4)
    return { path, open: () => decoded(atOnce(path), start, path, limits) }
  }
  const start = info.isFile() ? await firstBytes(path) : undefined
  if (start !== undefined) {
    const opener = () => createReadStream(path, { highWaterMark: 256 * 1024 })
    return { path, open: () => decoded(opener(), start, path, limits) }
  }
  const chunks = await buffered(path, limits.maxBufferedBytes)
  return { path, open: () => decoded(replay(chunks), chunks[0] ?? new Uint8Array(0), path, limits) }
}

const tooLarge = (path: string, bytes: number): SallyportError =>
  new SallyportError('input/too-large', `The file has more than ${bytes} bytes.`, {
    where: path,
    mend: 'Split it, or raise the bound on file size.',
  })

const unreadable = (path: string, cause: unknown): SallyportError => {
  const code = (cause as { code?: unknown } | undefined)?.code
  const missing = code === 'ENOENT' || code === 'ENOTDIR'
  return new SallyportError(
    'input/unreadable',
    missing ? 'There is no such file.' : 'The file cannot be read.',
    {
      where: path,
      mend: missing ? 'Check the name.' : 'Check its permissions.',
      cause,
    },
  )
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function small(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

async function* atOnce(path: string): AsyncGenerator<Uint8Array> {
  yield small(path)
}

/** A pipe is read once and kept. */
async function buffered(path: string, bound: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > bound) throw tooLarge(path, bound)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof SallyportError ? cause : unreadable(path, cause)
  }
  return chunks
}

async function* replay(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function* decoded(
  input: AsyncIterable<Uint8Array>,
  start: Uint8Array,
  path: string,
  limits: ByteLimits,
): AsyncGenerator<Uint8Array> {
  const gzip = start[0] === 0x1f && start[1] === 0x8b
  const plain = gzip ? inflated(input, path, limits) : guarded(input, path)
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let first = true
  for await (const chunk of plain) {
    if (first) {
      first = false
      if (chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new TextDecoder('utf-16le')
      else if (chunk[0] === 0xfe && chunk[1] === 0xff) decoder = new TextDecoder('utf-16be')
    }
    yield decoder === undefined ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8')
  }
}

async function* guarded(input: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* input
  } catch (cause) {
    throw cause instanceof SallyportError ? cause : unreadable(path, cause)
  }
}

async function* inflated(
  input: AsyncIterable<Uint8Array>,
  path: string,
  limits: ByteLimits,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  let fed = 0
  let out = 0
  let readError: unknown
  const feeding = (async () => {
    try {
      for await (const chunk of guarded(input, path)) {
        if (gunzip.destroyed) return
        fed += chunk.length
        if (!gunzip.write(chunk)) {
          await new Promise<void>(resolve => {
            const done = () => {
              gunzip.off('drain', done)
              gunzip.off('close', done)
              resolve()
            }
            gunzip.on('drain', done)
            gunzip.on('close', done)
          })
        }
      }
      if (!gunzip.destroyed) gunzip.end()
    } catch (cause) {
      readError = cause
      gunzip.destroy()
    }
  })()
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      out += chunk.length
      if (out > limits.maxFileBytes)
        throw new BrokenBytes(`The file inflates beyond ${limits.maxFileBytes} bytes; the rest was left out.`)
      if (out > bombFloor && out > fed * bombRatio) {
        throw new BrokenBytes(
          `The file inflates by more than ${bombRatio} times, as only made-up data does; the rest was left out.`,
        )
      }
      yield chunk
    }
    await feeding
  } catch (cause) {
    if (readError instanceof SallyportError) throw readError
    if (cause instanceof BrokenBytes) throw cause
    const cut = (cause as { code?: unknown }).code === 'Z_BUF_ERROR'
    throw new BrokenBytes(
      cut ? 'The gzip file is cut off; the rest is missing.' : 'The gzip file is damaged from here on.',
    )
  } finally {
    gunzip.destroy()
  }
}
