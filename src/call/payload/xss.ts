import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const activeTags = new Set(
  `script iframe object embed applet svg math base link meta style xml frame frameset form input button textarea select keygen isindex
   video audio source details marquee body html head bgsound layer ilayer import template portal noscript title animate set
   foreignobject handler listener image xss x scr`.split(/\s+/),
)
/** Tags read in one value. */
const maxTags = 1024
/** Attributes that load or carry code when their value does. */
const urlAttributes = new Set(
  'href src action formaction data code codebase xlink:href background poster srcdoc lowsrc dynsrc to from values url content style classid'.split(
    ' ',
  ),
)
const dataBindings = new Set(['datasrc', 'datafld', 'dataformatas', 'folder', 'srcdoc'])

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)

/** A value with everything removed that browsers ignore inside a scheme: spaces, controls, `\0`. */
function compact(text: string): string {
  let out = ''
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 32 && code !== 0x5c && code !== 0xad) out += text[index]
  }
  return out
}

const scriptScheme =
  /(?:javascript|vbscript|livescript|mocha):|data:[^,]{0,60}(?:html|svg|xml|script|base64)|expression\(|behavior:|-moz-binding|@import/

type TagVerdict = { readonly rule: string; readonly confidence: number } | undefined

/** Reads one tag from after its `<`, as the HTML tokeniser would (WHATWG HTML 13.2.5): name, then attributes. */
function readTag(lower: string, start: number): TagVerdict {
  let index = start
  const closing = lower.charCodeAt(index) === 47
  if (closing) index += 1
  let end = index
  while (end < lower.length && !/[\s/>"'=<+]/.test(lower[end]!)) end += 1
  const name = lower.slice(index, end).replaceAll('\0', '').replaceAll('\\0', '')
  if (closing)
    return name === 'script' ||
      name === 'style' ||
      name === 'textarea' ||
      name === 'title' ||
      name === 'iframe' ||
      name === 'body' ||
      name === 'html'
      ? { rule: 'tag-break', confidence: 0.85 }
      : undefined
  if (
    name.startsWith('script') ||
    name.startsWith('?') ||
    name === 'iframe' ||
    name === 'object' ||
    name === 'embed' ||
    name === 'applet'
  )
    return { rule: 'active-tag', confidence: 0.95 }
  index = end
  let attributes = 0
  // A tag that is still open after this many characters is text.
  const limit = Math.min(lower.length, start + 2048)
  while (index < limit) {
    const character = lower[index]!
    // What follows a further `<` is read as a tag of its own, so that reading all tags stays linear.
    if (character === '>' || character === '<') break
    if (/[\s/"'+]/.test(character)) {
      index += 1
      continue
    }
    let nameEnd = index + 1
    while (nameEnd < limit && !/[\s/><=]/.test(lower[nameEnd]!)) nameEnd += 1
    const attribute = lower.slice(index, nameEnd)
    index = nameEnd
    while (index < limit && /[\s+]/.test(lower[index]!)) index += 1
    let text = ''
    if (lower[index] === '=') {
      index += 1
      while (index < limit && /[\s+]/.test(lower[index]!)) index += 1
      const quote = lower[index]
      if (quote === '"' || quote === "'" || quote === '`') {
        const close = lower.indexOf(quote, index + 1)
        const valueEnd = close === -1 ? limit : Math.min(close, limit)
        text = lower.slice(index + 1, valueEnd)
        index = valueEnd + 1
      } else {
        let valueEnd = index
        while (valueEnd < limit && !/[\s><]/.test(lower[valueEnd]!)) valueEnd += 1
        text = lower.slice(index, valueEnd)
        index = valueEnd
      }
      attributes += 1
      if (/^on[a-z]{3,}/.test(attribute)) return { rule: 'event-handler', confidence: 0.97 }
      if (dataBindings.has(attribute)) return { rule: 'data-binding', confidence: 0.85 }
      if (urlAttributes.has(attribute) && scriptScheme.test(compact(text)))
        return { rule: 'script-url', confidence: 0.97 }
    }
  }
  if (name.includes(':') && (attributes > 0 || name.startsWith(':')))
    return /\b(?:src|href|style)\s?=/.test(lower.slice(start, limit))
      ? { rule: 'active-tag', confidence: 0.75 }
      : undefined
  if (name === 'meta' || name === 'base' || name === 'link')
    return attributes > 0 || /\b(?:href|http-equiv|rel)\b/.test(lower.slice(start, limit))
      ? { rule: 'active-tag', confidence: 0.85 }
      : undefined
  if (activeTags.has(name))
    return { rule: 'active-tag', confidence: attributes > 0 || index < limit ? 0.8 : 0.7 }
  return undefined
}

/** In a handler, a script or a URL: code that only a script would contain. */
const script: readonly PatternRule[] = [
  ['script-url', 0.95, /(?:java|vb|live)script:[^\s"']/],
  [
    'script-call',
    0.93,
    /(?:^|[^\w.$])\(?(?:alert|confirm|prompt)\)?(?:\?\.)?(?:\((?!s\))|\s\((?=["'`/\d])|`|\.(?:call|apply|bind)\()/,
  ],
  [
    'script-object',
    0.92,
    /document\s?(?:\?\.|\.|\[\s?["'`])(?:cookie|domain|write|location|body|createelement|getelement|documentelement|forms|url\b)/,
  ],
  [
    'script-object',
    0.9,
    /(?:window|self|top|parent|this|globalthis|frames)(?:\.|\[["'/`])(?:location|name|alert|eval|onerror|open|document|cookie|["'`]?\+)/,
  ],
  [
    'script-call',
    0.9,
    /(?:^|[^\w.$])(?:eval|settimeout|setinterval|execscript|atob|importscripts)\s?(?:\(|`)["'`\w(]/,
  ],
  [
    'script-call',
    0.9,
    /string(?:\.|\[["'])fromcharcode|constructor(?:\.constructor)?\(["'`]|\.constructor\._?\(|\.source\)\s?[<)]/,
  ],
  [
    'css-expression',
    0.9,
    /:\s?expression\s?\(|-moz-binding\s?:|-o-link\s?:|behavior\s?:\s?url|@import\s?["']/,
  ],
  ['obfuscated-script', 0.95, /(?:!\[\]|!!\[\]|\{\}\+\[|\[\]\[|!\+\[\])\+?[[(+]|\+!!?\[\]/],
  ['encoded-tag', 0.93, /\+adw-\/?[a-z]/],
  [
    'css-expression',
    0.88,
    /style\s?=[^>]{0,200}(?:binding|behaviou?r)\s?:\s?url|url\(\s?["']?(?:java|vb)script/,
  ],
  [
    'script-object',
    0.9,
    /document(?:\s?\/\*[^*]{0,40}\*\/\s?|\s{1,8})\.\s{0,8}(?:cookie|domain|write)\b|document\.(?:queryselector|getelements|implementation\b|scripts\b)/,
  ],
  [
    'bracket-access',
    0.9,
    /(?:^|[^\w])\(?\s?(?:window|self|top|parent|this|globalthis|frames|document)\s{0,4}\)?\s{0,8}\[\s{0,8}(?:["'`]|\+\+|!|\/\w{1,16}\/\.source)/,
  ],
  [
    'tagged-call',
    0.9,
    /\.\s{0,4}(?:call|apply|bind)\s{0,4}`|\[\s{0,8}\]\s{0,4}\.\s{0,4}\w{2,16}\s{0,4}\.\s{0,4}(?:call|apply)\b|\breflect\s?\.\s?\w{2,24}\s?\.?\s?(?:call|apply)?\s?[(`]/,
  ],
  ['obfuscated-script', 0.9, /(?:!\s?\[\]|!!\[\]|\[\]\[)[+\s]{0,4}[[(+\])]/],
  [
    'spaced-tag',
    0.85,
    /<\s{0,4}(?:f\s+o\s+r\s+m|s\s+c\s+r\s+i\s+p\s+t|i\s+f\s+r\s+a\s+m\s+e|i\s+m\s+g|s\s+v\s+g|o\s+b\s+j\s+e\s+c\s+t|x\s?:\s?script)\b/,
  ],
  ['module-import', 0.4, /\bimport\s?(?:\{[^}]{0,80}\}|\*|\w{1,40})\s?from\s?["']/],
  ['encoding-call', 0.55, /^\W{0,4}(?:atob|btoa)\s?\(/],
  ['namespace', 0.85, /<\?(?:xml:namespace|import\s)/],
]

/** A quote or bracket that ends the page's own attribute or script, followed by markup or code. */
const breaks: readonly PatternRule[] = [
  ['attribute-break', 0.93, /["'`][\s/+]{0,16}on[a-z]{3,24}\s?=/],
  [
    'attribute-break',
    0.85,
    /["'][\s/]{0,16}(?:style|autofocus|href|src|formaction)\s?=\s?["']?[a-z-]{1,24}[:(]/,
  ],
  ['attribute-break', 0.75, /["'`][\s/]{0,16}(?:formaction|onerror|onload|srcdoc|xlink:href)\s?=/],
  ['script-break', 0.85, /["'`][\s)\]}]{0,8}(?:;|\|\||&&)?\s?(?:in|instanceof)\s+[\w.\\]{1,64}\s?=/],
  ['handler', 0.6, /^\s{0,8}on[a-z]{4,48}\s{0,4}=\s{0,8}$/],
  ['comment-break', 0.55, /^\s?-->\s?$/],
  ['markup-break', 0.88, /^[^<]*["'`]\s?\/?>+\s?<[a-z!/?]/],
  ['script-break', 0.75, /\(\s?[\w'"`]{0,20}\s?\)\s?;?\s?["']\s?>/],
  [
    'handler',
    0.85,
    /(?:^|[\s/+])on(?:error|load|click|dblclick|mouse[a-z]+|focus|blur|key[a-z]+|toggle|pointer[a-z]+|begin|scroll|start|wheel|animation[a-z]+|auxclick|submit|change|input|drag[a-z]*|copy|cut|paste|resize|unload|select)\s?=\s?["'`]?[a-z(]/,
  ],
  [
    'script-break',
    0.85,
    /["'`][\s)\]}]{0,8}[;,+*/|&^-]\s?\(?[a-z$_.]{1,32}\)?\([^)]{0,48}\)\s?(?:;?\s?(?:\/\/|<|["'`])|[-+*/|&^]["'`])/,
  ],
]

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what browsers leave out
const hidden = /[\x00-\x1f\xad]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const everyHidden = /[\x00-\x1f\xad]+/g

/** A scheme that runs script, with characters in it that a browser leaves out. */
function hiddenScheme(lower: string): PayloadHit | undefined {
  if (!lower.includes(':') || !hidden.test(lower)) return undefined
  const out = lower.slice(0, 4_096).replace(everyHidden, '')
  return /(?:java|vb|live)script:/.test(out) && !/(?:java|vb|live)script:/.test(lower)
    ? { kind: 'xss', rule: 'hidden-script-url', confidence: 0.9 }
    : undefined
}

function inspect(_value: string, lower: string): PayloadHit | undefined {
  let best: PayloadHit | undefined
  let at = lower.indexOf('<')
  let tags = 0
  while (at !== -1 && tags < maxTags) {
    const code = lower.charCodeAt(at + 1)
    if (isLetter(code) || code === 47 || code === 63) {
      tags += 1
      const verdict = code === 63 ? undefined : readTag(lower, at + 1)
      if (verdict !== undefined && (best === undefined || verdict.confidence > best.confidence)) {
        best = { kind: 'xss', ...verdict }
        if (best.confidence >= 0.95) return best
      }
    }
    at = lower.indexOf('<', at + 1)
  }
  return best ?? firstMatch('xss', script, lower) ?? firstMatch('xss', breaks, lower) ?? hiddenScheme(lower)
}

export const crossSiteScripting: PayloadGrammar = {
  kind: 'xss',
  triggers: [
    '<',
    'script:',
    'alert',
    'confirm',
    'prompt',
    'document',
    'eval(',
    'window',
    'expression',
    'fromcharcode',
    'constructor',
    // Of handlers: their names begin with `on`, as do syllables of most texts.
    '=',
    '@import',
    '![',
    '[][',
    '+adw',
    'javascript',
    '-moz-binding',
    'settimeout',
    'setinterval',
    'self',
    'this',
    'atob',
    'style=',
    'top',
    'parent',
    'frames',
    '.call',
    '.apply',
    'reflect',
    'import',
    'btoa',
    '-->',
    'formaction',
    '] .',
    '"+',
    "'-",
    '"-',
    "'+",
    '";',
    "';",
  ],
  inspect,
  examples: {
    hits: [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '<svg/onload=alert(1)>',
      '"><svg onload=prompt(1)>',
      '" onmouseover="alert(1)',
      'javascript:alert(document.domain)',
      '<a href="java\tscript:alert(1)">x</a>',
      "';alert(1)//",
      "'-alert(1)-'",
      '<iframe src=//evil.example></iframe>',
      'alert.call(null,1)',
      'document["cookie"]',
      '<body onload=x()>',
      '<div style="width:expression(alert(1))">',
      '</script><b>',
      '(![]+[])[+!+[]]',
      '+ADw-script+AD4-alert(1)',
      'document.querySelector("p").textContent="x"',
    ],
    misses: [
      'a < b and c > d',
      '<b>bold</b> text',
      '<p>hello <a href="https://example.com/x">there</a></p>',
      'I <3 you',
      'List<String> names',
      'please confirm (by mail)',
      'on = off',
      'version=3',
      'red alert (level 2)',
      'The document is ready; window seats only',
      'description: "one-on-one"',
      'font-family: "Open Sans", sans-serif; color: #333',
      'contact me on error = 5',
      'items[0][1] and a[i]',
      'the document. cookie jar',
      '<p class="note"><span title="x"><b>Important</b></span></p>',
      'JavaScript developer wanted: Berlin',
    ],
  },
}
