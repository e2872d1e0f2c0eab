const anyPlaceholder = /\{[^{}]*\}/g

/** Placeholders that stand for the rest of a path: `{path*}`, `{**}`, `{rest...}`. */
const isRest = (segment: string): boolean => /^\{[^{}]*(?:\*|\.\.\.)\}$/.test(segment) || segment === '**'

/**
 * A template as a regular expression over a whole path, with or without a query: Cilium's proxy reads both as one text. Only what RE2 and
 * POSIX have in common.
 */
export function templateRegex(template: string): string {
  const path = template
    .split('/')
    .map(segment => {
      if (isRest(segment)) return '.*'
      return segment === '*' ? '[^/?]+' : segment.split(anyPlaceholder).map(literalRegex).join('[^/?]+')
    })
    .join('/')
  return `${path}([?].*)?`
}

/** Each character that means something stands in brackets where it can: backslashes do not survive every quoting. */
const literalRegex = (text: string): string =>
  text.replace(/[.*+?()|{}$[\]\\^]/g, one => ('[]\\^'.includes(one) ? `\\${one}` : `[${one}]`))

/**
 * A template as a path of an Istio AuthorizationPolicy: a segment with a placeholder is `{*}` as a whole, the rest of a path `{**}`.
 * Undefined where a literal star stands in it, which would mean something else there.
 */
export function templateIstioPath(template: string): string | undefined {
  const segments = template
    .split('/')
    .map(segment =>
      isRest(segment) ? '{**}' : segment === '*' || /\{[^{}]*\}/.test(segment) ? '{*}' : segment,
    )
  return segments.some(segment => segment !== '{*}' && segment !== '{**}' && /[*{}]/.test(segment))
    ? undefined
    : segments.join('/')
}

/** Whether part of a segment is a placeholder: where only whole segments can be, more is allowed than was seen. */
export const widensSegment = (template: string): boolean =>
  template.split('/').some(segment => /\{[^{}]*\}/.test(segment) && !/^\{[^{}]*\}$/.test(segment))
