import type { QuarantineView } from '../../../../src/server/api/quarantine.ts'
import { QuarantineList } from '../../parts/quarantine-list.tsx'
import { Section } from '../../parts/section.tsx'

/** Who is being stopped right now. Says nothing when nobody is. */
export function Stopped({ entries }: { readonly entries: readonly QuarantineView[] }) {
  if (entries.length === 0) return null
  return (
    <Section title="Being stopped right now">
      <QuarantineList entries={entries} />
    </Section>
  )
}
