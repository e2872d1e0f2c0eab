/** What a finding is called: what its rule finds, and what it found it at. Both are the reader's; the second may be an attacker's word. */
export const findingTitle = (rule: string, subject: string): string =>
  subject === '' ? rule : `${rule}: ${subject}`

/** What the finding was found at, such as `response:items[].card`; empty where the rule's own title says all. */
export const titleSubject = (title: string, rule: string): string =>
  title.startsWith(`${rule}: `) ? title.slice(rule.length + 2) : ''
