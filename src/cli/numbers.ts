import { SallyportError } from '../kit/error.ts'

/** Reads the value of an option that is a whole number; anything else is refused as `usage/invalid-argument`. */
export const wholeNumber =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new SallyportError(
      'usage/invalid-argument',
      `"${text}" is not a number from ${least} to ${most}.`,
      {
        where: option,
        mend: `Give a whole number from ${least} to ${most}.`,
      },
    )
  }
