import { NativeSelect, SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'

interface ChoiceProps {
  /** What is chosen, for those who do not see it. */
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly value: string
  readonly onChange: (value: string) => void
}

/** Letters that fit side by side. */
const mostLetters = 90

/** One of a few: side by side where there is room, else a list. Nothing where there is nothing to choose. */
export function Choice({ label, options, value, onChange }: ChoiceProps) {
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  if (options.length < 2) return null
  const letters = options.reduce((sum, option) => sum + option.label.length + 3, 0)
  if (letters > (narrow ? mostLetters / 3 : mostLetters))
    return (
      <NativeSelect
        size="xs"
        maw={360}
        aria-label={label}
        data={[...options]}
        value={value}
        onChange={event => onChange(event.currentTarget.value)}
      />
    )
  return (
    <div>
      <SegmentedControl size="xs" aria-label={label} data={[...options]} value={value} onChange={onChange} />
    </div>
  )
}
