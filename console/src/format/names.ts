/** Characters that turn the direction of what follows them, or that nobody sees. */
const turning = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

/** Text that attackers may have written, so that it reads in the order in which it stands: what turns it is shown as `�`. */
export const visible = (text: string): string => text.replace(turning, '\ufffd')

const longestName = 64

/**
 * A principal's name without its kind: `user:mallory` is `mallory`. Who gave no credential is an unknown client, with the
 * first six characters of what tells it from others. Ids that carry no kind stay whole, long names are cut.
 */
export function principalName(id: string): string {
  // Nobody is called environment: it is the token that the server was started with.
  if (/^(token|session):environment$/.test(id)) return 'SALLYPORT_TOKEN'
  if (id.startsWith('anonymous:') && id.length > 10) return visible(`unknown client ${id.slice(10, 16)}`)
  const colon = id.indexOf(':')
  const name = visible(colon > 0 && colon < id.length - 1 ? id.slice(colon + 1) : id)
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name
}

export function principalKind(id: string): string {
  const colon = id.indexOf(':')
  return colon > 0 ? id.slice(0, colon) : 'principal'
}

export interface EndpointParts {
  readonly method: string
  readonly host: string
  readonly template: string
}

/** Takes `GET api.shop.example/orders/{id}` apart; what does not look like it is all template. */
export function endpointParts(id: string): EndpointParts {
  const space = id.indexOf(' ')
  if (space < 0) return { method: '', host: '', template: id }
  const rest = id.slice(space + 1)
  const slash = rest.indexOf('/')
  return slash < 0
    ? { method: id.slice(0, space), host: '', template: rest }
    : { method: id.slice(0, space), host: rest.slice(0, slash), template: rest.slice(slash) }
}

/** `GET /orders/{id}`: enough inside a sentence, where the host is known. */
export function endpointShort(id: string): string {
  const { method, template } = endpointParts(id)
  return visible(method === '' ? template : `${method} ${template}`)
}

/** `payment-card` is `payment card`; short all-letter names that are abbreviations are raised. */
export function dataClassName(id: string): string {
  const raised = new Set(['iban', 'ssn', 'ip', 'vin', 'bic', 'pan', 'cvv', 'url'])
  return id
    .split(/[-_]/)
    .map(word => (raised.has(word) ? word.toUpperCase() : word))
    .join(' ')
}

/** Identifiers of facts and actions as words: `distinctObjects`, `rate_per_minute` → `distinct objects`, `rate per minute`. */
export const words = (identifier: string): string =>
  identifier
    .replaceAll(/[-_.]/g, ' ')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()

export const capital = (sentence: string): string => sentence.slice(0, 1).toUpperCase() + sentence.slice(1)

export const fullStop = (sentence: string): string => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`)
