/**
 * The share of spans that a source keeps, as its trace state says: OpenTelemetry's `ot=th:…` (rejection threshold, up to 14 hex digits
 * of 56 bits) or the former `ot=p:…` (a power of two). Undefined where nothing is said: the source may keep all, or not say.
 */
export function sampledShare(traceState: string): number | undefined {
  if (traceState === '') return undefined
  for (const member of traceState.slice(0, 512).split(',')) {
    const [vendor, value] = [
      member.slice(0, member.indexOf('=')).trim(),
      member.slice(member.indexOf('=') + 1),
    ]
    if (vendor !== 'ot') continue
    for (const field of value.split(';')) {
      const [key, text = ''] = field.split(':')
      if (key === 'th' && /^[0-9a-f]{1,14}$/.test(text))
        return 1 - Number.parseInt(text.padEnd(14, '0'), 16) / 2 ** 56
      if (key === 'p' && /^\d{1,2}$/.test(text)) return Number(text) >= 63 ? 0 : 2 ** -Number(text)
    }
  }
  return undefined
}
