import { Skeleton } from '@mantine/core'

/** Stands where text will stand. */
export function Lines({ count = 4, height = 16 }: { readonly count?: number; readonly height?: number }) {
  const widths = ['92%', '78%', '85%', '64%']
  return (
    <div className="stack" aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
        <Skeleton key={index} height={height} width={widths[index % widths.length] ?? '80%'} />
      ))}
    </div>
  )
}

/** A whole page before its first answer: the sentence, then rows. */
export function PageSkeleton() {
  return (
    <div className="page" aria-busy="true">
      <div className="stack">
        <Skeleton height={14} width={120} />
        <Skeleton height={26} width="70%" />
      </div>
      <Lines count={8} height={20} />
    </div>
  )
}
