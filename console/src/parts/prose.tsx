/** A sentence of the server in which `names` stand between backticks: those are set as such, the rest is text. */
export function Prose({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one constant string.
      <code key={index}>{part}</code>
    ),
  )
}
