/** A text as prose of Markdown: what would be markup is shown as itself; code spans stay code. */
export function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map(part => (part.startsWith('`') && part.length > 1 ? part : part.replace(/[<>*_[\]\\]/g, '\\$&')))
    .join('')
    .replace(/\s*\n\s*/g, ' ')
}

/** A text as a code span, whatever it holds (CommonMark 6.1). Line breaks and other controls are written as escapes. */
export function code(text: string): string {
  const shown = visible(text)
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = shown.startsWith('`') || shown.endsWith('`') || /^ .* $/.test(shown) ? ' ' : ''
  return shown === '' ? '``  ``' : `${fence}${pad}${shown}${pad}${fence}`
}

/** Controls and what cannot be seen, as JavaScript escapes. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    return known ?? `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`
  })

/** A fenced block; the fence is longer than any inside. */
export function block(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.replace(/\n+$/, '')}\n${fence}`
}

/** A bar divides cells unless an odd number of backslashes stands before it (GFM, 4.10). */
const inCell = (text: string): string =>
  text
    .replace(/(\\*)\|/g, (_, before: string) => `${before}${before.length % 2 === 0 ? '' : '\\'}\\|`)
    .replaceAll('\n', ' ')

/** A table of cells that are Markdown already; columns in which no row says anything are left out. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = titles.map((_, column) => rows.some(cells => cells[column] !== ''))
  const only = (cells: readonly string[]): readonly string[] => cells.filter((_, column) => kept[column])
  const line = (cells: readonly string[]): string => `| ${only(cells).map(inCell).join(' | ')} |`
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A whole page: its title, who made it, and its parts with a blank line between them. */
export function page(title: string, made: string, ...parts: readonly string[]): string {
  const note = `<!-- Made by \`npm run docs\` from ${made}. Change it there. -->`
  return `${[`# ${title}`, note, ...parts].map(part => part.trim()).join('\n\n')}\n`
}

export const list = (items: readonly string[]): string => items.map(item => `- ${item}`).join('\n')
