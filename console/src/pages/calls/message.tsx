import type { CallView } from '../../../../src/server/api/call.ts'
import { prettyBody } from '../../format/curl.ts'
import { bytes } from '../../format/number.ts'

interface MessageProps {
  readonly title: string
  readonly message: NonNullable<CallView['request']>
  readonly size: number
}

/** Headers and body as text, never as markup: whoever sent them may have meant them to run. */
export function Message({ title, message, size }: MessageProps) {
  return (
    <section className="message" aria-label={title}>
      <h3>{title}</h3>
      <dl className="message-headers mono">
        {message.headers.map(([name, value], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may repeat; its place is its identity.
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {message.body !== undefined && message.body !== '' ? (
        <pre className="message-body">{prettyBody(message.body)}</pre>
      ) : (
        <p className="dim">{size > 0 ? `The body (${bytes(size)}) was not kept.` : 'No body.'}</p>
      )}
      {message.bodyTruncated && (
        <p className="dim">The body was longer: this is its beginning, {bytes(size)} in all.</p>
      )}
    </section>
  )
}
