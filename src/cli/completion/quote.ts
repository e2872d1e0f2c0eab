/** A text as one word of sh, bash and zsh. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** A text as one word of fish, where a backslash counts inside quotes too. */
export const quoteFish = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
