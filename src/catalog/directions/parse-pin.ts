import { SallyportError } from '../../kit/error.ts'
import { parseHostPattern } from '../hosts/host-pattern.ts'
import { fixedTexts, namesIn } from '../placeholders.ts'
import { cleanSegment, maxSegments } from '../templates/path.ts'
import type { TemplatePin } from './template-pin.ts'

/** Characters of a pin's template, and placeholders in one of its segments. */
export const maxPinLength = 512
const maxPlaceholders = 4

const nameForm = /^[A-Za-z_][\w.-]{0,63}$/

/**
 * Reads what a person wrote as a pin.
 *
 * @param host a host, a host pattern such as `{tenant}.example.com`, or `*`
 * @param template `/orders/{orderId}`, at most 512 characters and 32 segments
 * @returns Host and template as the catalog compares them: host in lower case, literals decoded, slashes not repeated
 * @throws SallyportError `usage/invalid-argument`, with what to write instead
 */
export function parsePin(host: string, template: string): Pick<TemplatePin, 'host' | 'template'> {
  return { host: pinHost(host.trim().toLowerCase()), template: pinTemplate(template.trim()) }
}

function pinHost(host: string): string {
  if (host === '*') return host
  if (parseHostPattern(host) === undefined)
    throw refusal(
      `"${shown(host)}" is not a host.`,
      'host',
      'Write a host as calls name it, a pattern such as {tenant}.example.com, or * for every host.',
    )
  return host
}

function pinTemplate(template: string): string {
  const refuse = (what: string, mend: string): never => {
    throw refusal(what, 'template', mend)
  }
  if (!template.startsWith('/'))
    refuse(`"${shown(template)}" has no leading slash.`, 'Write the whole path, such as /orders/{orderId}.')
  if (template.length > maxPinLength)
    refuse(`The template has ${template.length} characters.`, `Write at most ${maxPinLength}.`)
  if (/[?#]/.test(template))
    refuse(`"${shown(template)}" has more than a path.`, 'Leave out what begins at ? or #.')
  const raw = template.slice(1).split('/')
  const segments = raw.filter((segment, index) => segment !== '' || index === raw.length - 1)
  if (segments.length > maxSegments)
    refuse(`The template has ${segments.length} segments.`, `Write at most ${maxSegments}.`)
  const names = new Set<string>()
  for (const segment of segments) {
    const rest = segment.replace(/\{[^{}]*\}/g, '')
    if (rest.includes('{') || rest.includes('}'))
      refuse(`Braces do not match in "${shown(segment)}".`, 'Write each placeholder as {name}.')
    const inside = namesIn(segment)
    if (inside.length === 0 && (segment === '*' || segment === '**'))
      refuse(
        `"${segment}" takes no single segment.`,
        'Write one placeholder for each segment: /files/{name}.',
      )
    if (inside.length > maxPlaceholders)
      refuse(`"${shown(segment)}" has ${inside.length} placeholders.`, `Write at most ${maxPlaceholders}.`)
    if (fixedTexts(segment).slice(1, -1).includes(''))
      refuse(
        `Two placeholders touch in "${shown(segment)}".`,
        'Put fixed text between them, such as {from}..{to}.',
      )
    for (const name of inside) {
      if (name === '')
        refuse(`A placeholder in "${shown(segment)}" has no name.`, 'Name it, such as {orderId}.')
      if (!nameForm.test(name))
        refuse(
          `"${shown(name)}" is not a name of a placeholder.`,
          'Use letters, digits, _, - and ., beginning with a letter, at most 64.',
        )
      if (names.has(name))
        refuse(`The name "${shown(name)}" comes twice.`, 'Give each placeholder a name of its own.')
      names.add(name)
    }
  }
  return `/${segments.map(cleanText).join('/')}`
}

/** Literals as the tree of paths has them: decoded; placeholders stay. */
function cleanText(segment: string): string {
  if (!segment.includes('{')) return cleanSegment(segment)
  const fixed = fixedTexts(segment)
  return namesIn(segment).reduce(
    (text, name, index) => `${text}{${name}}${cleanSegment(fixed[index + 1] ?? '')}`,
    cleanSegment(fixed[0] ?? ''),
  )
}

const shown = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 57)}...`)

const refusal = (what: string, where: string, mend: string): SallyportError =>
  new SallyportError('usage/invalid-argument', what, { where, mend })
