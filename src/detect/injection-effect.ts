import { valuesAt } from '../baseline/fields.ts'
import type { Observation } from '../baseline/observation.ts'
import { headerOf } from '../call/api-call.ts'
import type { Content, Json } from '../call/content.ts'
import { defaultDecodeLimits } from '../call/content-limits.ts'
import type { PlacedHit } from '../call/inspection.ts'
import type { PayloadKind } from '../call/payload/index.ts'
import { unwrap } from '../call/unwrap.ts'
import { Automaton } from '../kit/automaton.ts'

/** Text of an answer that is read. */
const longestAnswer = 32_768

/** What a database, an interpreter or a parser says when text reached it that it did not expect. */
const errors = [
  'sqlite3.',
  'sqlite error',
  'operationalerror',
  'sql syntax',
  'sqlstate',
  'syntax error at or near',
  'unterminated quoted string',
  'unclosed quotation mark',
  'incorrect syntax near',
  'quoted string not properly terminated',
  'ora-00',
  'ora-01',
  'ora-06',
  'pls-00',
  'odbc sql server driver',
  'odbc driver',
  'psqlexception',
  'pg::syntaxerror',
  'npgsql.',
  'org.postgresql.util',
  'org.hibernate.',
  'jdbc.exceptions',
  'java.sql.sql',
  'sequelizedatabaseerror',
  'querydsl',
  'prismaclient',
  'unrecognized token',
  'you have an error in your',
  'mysql_fetch',
  'mysqli',
  'pg_query',
  'dynamic sql error',
  'conversion failed when converting',
  'xpath syntax error',
  'xpathexception',
  'mongoerror',
  'mongoservererror',
  'unknown top level operator',
  'bad_query',
  'ldapexception',
  'invalid dn syntax',
  'bad search filter',
  'xmlsyntaxerror',
  'saxparseexception',
  'xml.etree',
  'templatesyntaxerror',
  'jinja2.exceptions',
  'freemarker.core',
  'velocityexception',
  'spelevaluationexception',
  'ognlexception',
  'twig\\error',
  'erb):',
  'javax.el.elexception',
  'java.io.invalidclassexception',
  'classcastexception',
  'unserialize():',
  'unpicklingerror',
  'psych::',
  'traceback (most recent',
  'sh: 1:',
  'sh: line',
  'command not found',
  'is not recognized as an internal',
  'no such file or directory',
  'failed to open stream',
  'include_path=',
] as const

/** What only a file of the system, or the output of a program, contains. */
const contents: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['the users of the system', /(?:root|daemon|nobody|bin):[x*!]?:\d{1,6}:\d{1,6}:/],
  ["the system's passwords", /root:\$[1256y]\$/],
  ['a file of Windows', /\[(?:boot loader|fonts|extensions|mci extensions|operating systems)\]\s/i],
  ['who a process runs as', /\buid=\d{1,6}\([\w.-]{1,32}\)\s?gid=\d{1,6}/],
  ['a listing of files', /\b[d-][rwxst-]{9}[.+@]?\s{1,8}\d{1,6}\s\S{1,32}|directory of [a-z]:\\/i],
  ['the kernel', /\blinux version \d|\bdarwin kernel version|microsoft windows \[version/i],
  ['the network of the machine', /\binet (?:addr:)?127\.0\.0\.1|windows ip configuration/i],
  ['a private key', /-----begin (?:rsa |ec |openssh |dsa )?private key-----/i],
  [
    'credentials of the cloud',
    /"?(?:accesskeyid|secretaccesskey)"?\s?:\s?"|\bami-id\b[\s\S]{0,200}\binstance-id\b|computemetadata\//i,
  ],
  ['source code', /<\?php\s|#!\/(?:usr\/)?bin\//],
  [
    'the environment of the process',
    /(?:^|\n|\0)(?:path|home|pwd|shell|user)=\/[^\n\0]{0,200}[\n\0](?:[a-z_]{2,32}=)/i,
  ],
]

const words = new Automaton(errors.map(text => ({ text, mask: 1 })))

/** The seconds that a payload would have the server wait, 0 where none. */
function delayOf(value: string): number {
  const lower = value.slice(0, 4_096).toLowerCase()
  const seconds =
    /(?:\bsleep|pg_sleep|dbms_lock\.sleep|dbms_session\.sleep|receive_message\([^,)]{1,64},)\s?\(?\s?(\d{1,4}(?:\.\d{1,3})?)/.exec(
      lower,
    )?.[1] ?? /\btimeout\s(?:\/t\s)?(\d{1,4})/.exec(lower)?.[1]
  if (seconds !== undefined) {
    const given = Number(seconds)
    // `sleep(5000)` of a script counts milliseconds.
    return given >= 500 ? given / 1_000 : given
  }
  const clock = /waitfor\s{1,4}delay\s{0,4}['"]?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?/.exec(lower)
  if (clock !== null) return Number(clock[1]) * 3_600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)
  const pings = /\bping\s{1,4}(?:-[nc]|-i)\s{1,4}(\d{1,4})/.exec(lower)?.[1]
  return pings === undefined
    ? /\bbenchmark\s?\(\s?\d{7,}/.test(lower)
      ? 3
      : 0
    : Math.max(0, Number(pings) - 1)
}

/** The product that an arithmetic probe asks for: of `{{7*7}}`, 49. */
function productOf(value: string): string | undefined {
  const found = /(?:\{\{|[$#@*%]\{|<%=?|\[\[|\$\(\(|#set|['"+(])[^\d]{0,12}(\d{1,9})\s?\*\s?(\d{1,9})/.exec(
    value,
  )
  if (found === null) return undefined
  return String(BigInt(found[1]!) * BigInt(found[2]!))
}

function textOf(content: Content): { readonly text: string; readonly strings: readonly string[] } {
  if (content.kind === 'text' || content.kind === 'malformed')
    return { text: content.text.slice(0, longestAnswer), strings: [] }
  if (content.kind === 'empty' || content.kind === 'binary') return { text: '', strings: [] }
  const strings: string[] = []
  let left = longestAnswer
  const walk = (node: Json, depth: number): void => {
    if (left <= 0 || depth > 6) return
    if (typeof node === 'string') {
      strings.push(node)
      left -= node.length + 1
    } else if (node !== null && typeof node === 'object')
      for (const child of Object.values(node) as Json[]) walk(child, depth + 1)
  }
  walk(content.value, 0)
  return { text: strings.join('\n').slice(0, longestAnswer), strings }
}

/** The values that stood at the place of a hit, encodings undone. */
function payloadsAt(o: Observation, at: string): readonly string[] {
  const { request } = o.call
  const colon = at.indexOf(':')
  const name = at.slice(colon + 1)
  const { content } = request
  let values: readonly string[]
  if (at === 'path') values = [request.path]
  else if (at === 'query') values = request.query.map(([, value]) => value)
  else if (at.startsWith('query:'))
    values = request.query.flatMap(([key, value]) => (key === name ? [key, value] : []))
  else if (at.startsWith('header:')) values = [headerOf(request.headers, name) ?? '']
  else if (content.kind === 'text' || content.kind === 'malformed') values = [content.text]
  else if (content.kind === 'empty' || content.kind === 'binary') values = []
  else values = valuesAt(content.value, at)
  return values.slice(0, 8).flatMap(value => unwrap(value.slice(0, 8_192), defaultDecodeLimits))
}

const readsFiles: ReadonlySet<PayloadKind> = new Set([
  'path-traversal',
  'file-inclusion',
  'xxe',
  'command-injection',
  'php-injection',
  'node-injection',
  'java-injection',
  'template-injection',
  'ssi-injection',
  'ssrf',
  'sql-injection',
  'deserialisation',
  'xpath-injection',
  'jndi',
  'sensitive-file',
  'file-upload',
])

/**
 * What the answer says of a payload's effect, in words; undefined where it says nothing. Its status is no part of this: many servers answer
 * 200 to what they refused, and 500 to what they carried out.
 * @param usualMs the time within which 99 of 100 answers of this endpoint came, where enough of them are known
 */
export function effectOf(o: Observation, hit: PlacedHit, usualMs: number | undefined): string | undefined {
  const { response, durationMs } = o.call
  const payloads = payloadsAt(o, hit.at)
  if (durationMs !== undefined) {
    const delay = Math.max(0, ...payloads.map(delayOf))
    if (delay > 0 && durationMs >= delay * 950 && (usualMs === undefined || durationMs > 1.5 * usualMs))
      return `an answer after ${(durationMs / 1_000).toFixed(1)} s, as long as it was told to wait`
  }
  if (response === undefined) return undefined
  const { text, strings } = textOf(response.content)
  if (text !== '') {
    const lower = text.toLowerCase()
    if (words.scan(lower) !== 0) {
      const word = errors.find(each => lower.includes(each))
      // What the caller wrote and the answer only repeats is no error of the server's.
      if (word !== undefined && !payloads.some(payload => payload.toLowerCase().includes(word))) return word
    }
    if (readsFiles.has(hit.kind)) {
      for (const [name, pattern] of contents)
        if (pattern.test(text) && !payloads.some(payload => pattern.test(payload))) return name
    }
    for (const payload of payloads) {
      const product = productOf(payload)
      if (product !== undefined && showsProduct(product, payload, text, strings))
        return `${product}, computed from the payload`
    }
    if (hit.kind === 'xss' && reflects(response.headers, text, payloads))
      return 'the script in the page, as it was sent'
  }
  if (hit.kind === 'crlf-injection' && injectsHeader(response.headers, payloads))
    return 'the header that it carried'
  return undefined
}

/** A product of few digits may stand anywhere by chance: then it has to be the whole of a text, or to stand between the payload's own words. */
function showsProduct(product: string, payload: string, text: string, strings: readonly string[]): boolean {
  if (product.length < 2 || payload.includes(product)) return false
  const at = text.search(new RegExp(`(?<!\\d)${product}(?!\\d)`))
  if (at < 0) return false
  if (product.length >= 4) return true
  if (strings.includes(product)) return true
  const before = /([\w-]{3,24})[^\w]{0,4}(?:\{\{|[$#@*%]\{|<%)/.exec(payload)?.[1]
  return before !== undefined && text.slice(Math.max(0, at - before.length - 2), at).includes(before)
}

/** Markup of the payload stands in a page, unescaped. */
function reflects(
  headers: readonly (readonly [string, string])[],
  text: string,
  payloads: readonly string[],
): boolean {
  if (!/html|xml/i.test(headerOf(headers, 'content-type') ?? '')) return false
  return payloads.some(payload => {
    const markup = /<[a-z][^>]{0,200}(?:on[a-z]{3,}\s?=|>)|<script[^>]{0,200}>/i.exec(payload)?.[0]
    return markup !== undefined && text.includes(markup)
  })
}

function injectsHeader(
  headers: readonly (readonly [string, string])[],
  payloads: readonly string[],
): boolean {
  for (const payload of payloads) {
    for (const found of payload.matchAll(/[\r\n]\s{0,4}([\w-]{2,64}):\s{0,4}([^\r\n]{1,256})/g)) {
      const given = headerOf(headers, found[1]!.toLowerCase())
      if (given?.includes(found[2]!.trim().slice(0, 16)) === true) return true
    }
  }
  return false
}
