import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Modal } from '@mantine/core'

/** The one accent. Index 6 is used on light, index 4 on dark; both hold 4.5:1 against their grounds. */
const accent: MantineColorsTuple = [
  '#eef5ff',
  '#d9e8ff',
  '#b3d1ff',
  '#8cbaff',
  '#6ea8fe',
  '#3f86ee',
  '#175cd3',
  '#124bb0',
  '#0e3c8d',
  '#0a2d6b',
]

const danger: MantineColorsTuple = [
  '#fff0ee',
  '#ffdeda',
  '#fdbbb3',
  '#fb968b',
  '#f97b6e',
  '#e5493a',
  '#c4281a',
  '#a51f13',
  '#86180e',
  '#66110a',
]

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, danger },
  defaultRadius: 'sm',
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // The cross has no text of its own.
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
  },
})

/** Mantine's surfaces follow the console's own variables (`styles/colours.css`). */
export const cssVariables: CSSVariablesResolver = () => {
  const own = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--dim)',
    '--mantine-color-placeholder': 'var(--dim)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--hover)',
  }
  return { variables: {}, light: own, dark: own }
}
