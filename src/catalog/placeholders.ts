export interface TemplateSegment {
  readonly text: string
  /** Undefined for a literal. */
  readonly placeholder?: { readonly name: string; readonly prefix: string; readonly suffix: string }
}

/** A template's segments: `report-{id}.json` is prefix, name and suffix. */
export function templateSegments(template: string): readonly TemplateSegment[] {
  return template
    .slice(1)
    .split('/')
    .map(text => {
      const open = text.indexOf('{')
      const close = text.indexOf('}', open)
      if (open < 0 || close < 0) return { text }
      return {
        text,
        placeholder: {
          name: text.slice(open + 1, close),
          prefix: text.slice(0, open),
          suffix: text.slice(close + 1),
        },
      }
    })
}

/** The values at a template's placeholders, in order. */
export function paramsOf(
  template: readonly TemplateSegment[],
  segments: readonly string[],
): (readonly [string, string])[] {
  const params: (readonly [string, string])[] = []
  for (let index = 0; index < template.length; index += 1) {
    const placeholder = template[index]?.placeholder
    const segment = segments[index]
    if (placeholder === undefined || segment === undefined) continue
    params.push([
      placeholder.name,
      segment.slice(placeholder.prefix.length, segment.length - placeholder.suffix.length),
    ])
  }
  return params
}
