import { keptWhole } from '../../kit/snapshot.ts'
import { type HostPattern, hostValues, parseHostPattern } from '../hosts/host-pattern.ts'
import { byFixedText, fitsBetween, fixedTexts, namesIn } from '../placeholders.ts'
import { parsePin } from './parse-pin.ts'
import type { TemplatePin } from './template-pin.ts'

/** A place in the tree of what is pinned on a host: its children are what a segment there is, whatever was learned. */
export class PinGuide {
  /** As it stands in templates: a literal, `{name}`, or a segment with placeholders in it. */
  readonly text: string
  readonly form: 'root' | 'literal' | 'mixed' | 'param'
  /** Of a mixed segment, the fixed texts around its placeholders. */
  readonly fixed: readonly string[]
  /** The pin that says so. */
  readonly pin: string
  literals: Map<string, PinGuide> | undefined
  mixed: PinGuide[] | undefined
  param: PinGuide | undefined
  /** The pin whose template ends here. */
  ends: string | undefined

  constructor(text: string, form: PinGuide['form'], pin: string) {
    this.text = text
    this.form = form
    this.fixed = form === 'mixed' ? fixedTexts(text) : []
    this.pin = pin
  }

  /** What a segment is here; undefined where no pin says. An empty segment is never a value. */
  take(segment: string): PinGuide | undefined {
    const literal = this.literals?.get(segment)
    if (literal !== undefined) return literal
    if (this.mixed !== undefined)
      for (const child of this.mixed) if (fitsBetween(segment, child.fixed)) return child
    return segment === '' ? undefined : this.param
  }

  static {
    keptWhole(PinGuide, 'catalog/pin-guide', 1)
  }
}

/** What all pins say, a tree for each host. */
export class PinGuides {
  private readonly everywhere: readonly TemplatePin[]
  private readonly ofHost = new Map<string, TemplatePin[]>()
  private readonly ofPattern: { readonly pattern: HostPattern; readonly pin: TemplatePin }[] = []
  private readonly shared = new Map<string, PinGuide | undefined>()
  /** Pins left out: beyond the bound, or not readable. */
  readonly ignored: number

  /** @param bound pins that count; beyond it those that come later in the order of host and template do not */
  constructor(pins: readonly TemplatePin[], bound: number) {
    const everywhere: TemplatePin[] = []
    let ignored = 0
    const readable = pins.flatMap(pin => {
      try {
        return [{ ...parsePin(pin.host, pin.template), id: pin.id }]
      } catch {
        ignored += 1
        return []
      }
    })
    // In an order of their own: where two pins contradict each other, it does not matter which was given first.
    readable.sort((a, b) => order(a.host, b.host) || order(a.template, b.template) || order(a.id, b.id))
    for (const pin of readable.slice(0, bound)) {
      if (pin.host === '*') everywhere.push(pin)
      else {
        const pattern = parseHostPattern(pin.host)
        const known = this.ofHost.get(pin.host)
        if (known === undefined) this.ofHost.set(pin.host, [pin])
        else known.push(pin)
        if (pattern !== undefined && pattern.names.length > 0) this.ofPattern.push({ pattern, pin })
      }
    }
    this.everywhere = everywhere
    this.ignored = ignored + Math.max(0, readable.length - bound)
  }

  /** Hosts that a pin names by themselves. */
  names(host: string): boolean {
    return this.ofHost.has(host)
  }

  /**
   * What is pinned on a host: what names it, before what names a pattern it fits, before what holds everywhere; where two name one
   * placeholder differently, the first.
   */
  of(host: string): PinGuide | undefined {
    const own = this.ofHost.get(host) ?? []
    const fitting = this.ofPattern.flatMap(({ pattern, pin }) =>
      pattern.text !== host && hostValues(pattern, host) !== undefined ? [pin] : [],
    )
    const pins = [...own, ...fitting, ...this.everywhere]
    if (pins.length === 0) return undefined
    const key = JSON.stringify([own.length > 0 ? host : '', fitting.map(pin => [pin.host, pin.template])])
    const known = this.shared.get(key)
    if (known !== undefined) return known
    const made = grown(pins)
    this.shared.set(key, made)
    return made
  }

  static {
    keptWhole(PinGuides, 'catalog/pin-guides', 1)
  }
}

function grown(pins: readonly TemplatePin[]): PinGuide {
  const root = new PinGuide('', 'root', '')
  for (const { id, template } of pins) {
    let node = root
    const before: string[] = []
    for (const segment of template.slice(1).split('/')) {
      node = childOf(node, segment, before, id)
      before.push(...namesIn(node.text))
    }
    node.ends ??= id
  }
  return root
}

function childOf(node: PinGuide, segment: string, before: readonly string[], pin: string): PinGuide {
  const names = namesIn(segment)
  if (names.length === 0) {
    node.literals ??= new Map()
    let next = node.literals.get(segment)
    if (next === undefined) {
      next = new PinGuide(segment, 'literal', pin)
      node.literals.set(segment, next)
    }
    return next
  }
  const fixed = fixedTexts(segment)
  const taken = [...before]
  let text = fixed[0] ?? ''
  for (const [index, name] of names.entries()) {
    const free = unlike(name, taken)
    taken.push(free)
    text += `{${free}}${fixed[index + 1] ?? ''}`
  }
  if (fixed.every(one => one === '')) {
    node.param ??= new PinGuide(text, 'param', pin)
    return node.param
  }
  const key = fixed.join('{}')
  node.mixed ??= []
  const known = node.mixed.find(one => one.fixed.join('{}') === key)
  if (known !== undefined) return known
  const next = new PinGuide(text, 'mixed', pin)
  node.mixed.push(next)
  node.mixed.sort((a, b) => byFixedText(a.fixed, b.fixed))
  return next
}

/** A name that no placeholder before it has: a number is added where two pins meet in one path. */
export function unlike(name: string, before: readonly string[]): string {
  let free = name
  for (let number = 2; before.includes(free); number += 1) free = `${name}${number}`
  return free
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
