const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `90s`, `15m`, `1h`, `7d` in seconds; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd])$/.exec(text)
  if (match === null) return undefined
  return Number(match[1]) * units[match[2] as keyof typeof units]
}
