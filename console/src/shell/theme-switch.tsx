import { type MantineColorScheme, SegmentedControl, useMantineColorScheme } from '@mantine/core'

const choices: { value: MantineColorScheme; label: string }[] = [
  { value: 'auto', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label="Theme"
      data={choices}
      value={colorScheme}
      onChange={value => setColorScheme(value as MantineColorScheme)}
    />
  )
}
