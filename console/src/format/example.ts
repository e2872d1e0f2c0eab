import type { MaskedExampleView } from '../../../src/server/api/example.ts'
import { count } from './number.ts'

/** The line that a request begins with: path and query as they were sent, masked. */
export function requestLine({ method, path, query }: MaskedExampleView): string {
  const pairs = query.map(([name, value]) => `${name}=${value}`).join('&')
  return `${method} ${path}${pairs === '' ? '' : `?${pairs}`}`
}

type Body = NonNullable<MaskedExampleView['requestBody']>

/** A tree as indented JSON; text as it is. */
export const bodyText = ({ body }: Body): string =>
  typeof body === 'string' ? body : (JSON.stringify(body, undefined, 2) ?? '')

/** `200`, `200 (2)` for a second one of that status, `no answer`. */
export function exampleLabels(examples: readonly MaskedExampleView[]): readonly string[] {
  const seen = new Map<string, number>()
  return examples.map(({ status }) => {
    const name = status === undefined ? 'no answer' : String(status)
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return before === 0 ? name : `${name} (${before + 1})`
  })
}

export const maskedNote = ({ masked }: MaskedExampleView): string =>
  masked === 0
    ? 'Nothing in it had to be masked.'
    : `${count(masked)} ${masked === 1 ? 'value is' : 'values are'} masked.`
