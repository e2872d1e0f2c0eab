/** What stands for a value that is not shown at all. */
export const hidden = '•••'
/** Values shorter than this are not shown at all: four of their characters would be most of them. */
const shortest = 8

/** A value as it is shown: its first two and last two characters; of secrets and short values nothing. */
export function maskedForm(value: string, secret: boolean): string {
  if (secret || value.length < shortest) return hidden
  const head = [...value.slice(0, 4)].slice(0, 2).join('')
  const tail = [...value.slice(-4)].slice(-2).join('')
  return `${head}…${tail}`
}
