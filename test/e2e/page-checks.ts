import type { Page } from 'playwright-core'

/** Text whose contrast with what lies behind it is below WCAG's AA: 4.5 to 1, or 3 to 1 from 24 px (18.66 px bold) on. */
const contrastScript = `(() => {
  const parse = text => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\\d.]+/g) ?? []).map(Number)
    return { r, g, b, a: text.startsWith('rgba') || text.includes('/') ? a : 1 }
  }
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  })
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const behind = element => {
    const layers = []
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      if (colour.a > 0) layers.push(colour)
      if (colour.a === 1) break
    }
    return layers.reduceRight((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 })
  }
  const faint = new Set()
  let looked = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (node.textContent.trim() === '' || element === null || element.closest('[disabled],script,style,noscript')) continue
    const box = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    if (box.width < 2 || box.height < 2 || style.visibility === 'hidden' || style.clipPath !== 'none') continue
    looked += 1
    const ground = behind(element)
    const [a, b] = [light(over(parse(style.color), ground)), light(ground)].sort((x, y) => y - x)
    const ratio = (a + 0.05) / (b + 0.05)
    const size = parseFloat(style.fontSize)
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    if (ratio < needed - 0.01)
      faint.add(node.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2) + ' ' + style.color)
  }
  return { looked, faint: [...faint] }
})()`

/** Controls that say nothing to somebody who cannot see them. */
const namelessScript = `[...document.querySelectorAll('button,input,select,textarea,a[href],summary')]
  .filter(one => one.offsetParent !== null && one.type !== 'hidden')
  .filter(one => {
    const label = one.getAttribute('aria-label') ?? one.getAttribute('title') ?? ''
    const by = one.getAttribute('aria-labelledby')
    const named = by === null ? '' : document.getElementById(by)?.textContent ?? ''
    return (label + named + one.textContent + [...(one.labels ?? [])].map(l => l.textContent).join('')).trim() === ''
  })
  .map(one => one.outerHTML.slice(0, 120))`

const overflowScript = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

export interface PageFaults {
  /** Pieces of text that were looked at. */
  readonly looked: number
  readonly faint: readonly string[]
  readonly nameless: readonly string[]
  /** Pixels that the page is wider than the window. */
  readonly overflow: number
}

/** What can be measured of how well a page reads: contrast, names of controls, and whether it fits. */
export async function pageFaults(page: Page): Promise<PageFaults> {
  const { looked, faint } = (await page.evaluate(contrastScript)) as Pick<PageFaults, 'looked' | 'faint'>
  const nameless = (await page.evaluate(namelessScript)) as readonly string[]
  const overflow = (await page.evaluate(overflowScript)) as number
  return { looked, faint, nameless, overflow }
}
