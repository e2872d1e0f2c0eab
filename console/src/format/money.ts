/** `1,240 EUR` of a currency the browser knows, the code as it is of any other. */
export function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const digits = amount >= 100 ? 0 : 2
  try {
    return new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: Number.isInteger(amount) ? 0 : digits,
      maximumFractionDigits: digits,
    })
      .format(amount)
      .replaceAll(',', '\u202f')
  } catch {
    return `${new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(amount).replaceAll(',', '\u202f')} ${currency}`
  }
}
