/** An HTTP status; what was refused or failed is marked by a word on hover besides the colour. */
export function Status({ status }: { readonly status: number | undefined }) {
  if (status === undefined) return <span className="dim">no answer</span>
  const [tone, word] =
    status >= 500 ? ['bad', 'failed'] : status >= 400 ? ['warn', 'refused'] : [undefined, 'answered']
  return (
    <span className="status" data-tone={tone} title={word}>
      {status}
    </span>
  )
}
