import type { MaskedExampleView } from '../../../../src/server/api/example.ts'
import { bodyText, requestLine } from '../../format/example.ts'
import { Status } from '../../parts/status.tsx'

/** Request and answer side by side, as text and never as markup. */
export function ExampleView({ example }: { readonly example: MaskedExampleView }) {
  return (
    <div className="columns example">
      <section aria-label="Request" className="example-side">
        <p className="mono example-line">{requestLine(example)}</p>
        <Headers pairs={example.headers} />
        <Body body={example.requestBody} />
      </section>
      <section aria-label="Answer" className="example-side">
        <p className="example-line">
          <Status status={example.status} />
        </p>
        <Headers pairs={example.responseHeaders} />
        <Body body={example.responseBody} />
      </section>
    </div>
  )
}

function Headers({ pairs }: { readonly pairs: MaskedExampleView['headers'] }) {
  if (pairs.length === 0) return null
  return (
    <dl className="mono example-headers">
      {pairs.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a header may repeat; its place is its identity.
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Body({ body }: { readonly body: MaskedExampleView['requestBody'] }) {
  if (body === undefined) return <p className="dim">No body.</p>
  return (
    <>
      <pre className="example-body">{bodyText(body)}</pre>
      {body.cut && <p className="dim">Shortened: only its beginning is shown.</p>}
    </>
  )
}
