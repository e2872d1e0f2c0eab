import { principalName, visible } from './names.ts'

/**
 * Sentences name principals by their ids (`user:mallory read 12 orders`); people call them by name. Only ids given are
 * shortened, and only those of users and services: what else has a colon is left as it is. What would turn the text is made visible.
 */
export function plainNames(sentence: string, principals: readonly string[]): string {
  let text = sentence
  // Longest first: `user:anna` must not cut into `user:annabel`.
  for (const id of [...principals].sort((a, b) => b.length - a.length)) {
    if (/^(?:user|service):./s.test(id)) text = text.replaceAll(id, () => principalName(id))
  }
  return visible(text)
}
