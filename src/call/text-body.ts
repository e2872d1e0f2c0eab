import type { RawBody } from './raw-exchange.ts'

/** A body that came as text, such as one in an event line. Its bytes are made only for who asks for them: most bodies are read as text. */
export class TextBody implements RawBody {
  readonly text: string
  readonly size: number
  readonly truncated: boolean
  #bytes: Uint8Array | undefined

  /** @param size Bytes that went over the wire; those of the text where it is absent. */
  constructor(text: string, size: number | undefined, truncated: boolean) {
    this.text = text
    this.size = size ?? Buffer.byteLength(text)
    this.truncated = truncated
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(this.text, 'utf8')
    return this.#bytes
  }

  /** As its bytes would be read: well formed, without a byte order mark. */
  get plainText(): string {
    const text = this.text.isWellFormed() ? this.text : this.text.toWellFormed()
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }
}
