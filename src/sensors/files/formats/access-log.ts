import type { RawExchange } from '../../../call/raw-exchange.ts'
import { defineLogFormat, type FileRecord, type PlainContext } from '../file-format.ts'
import { requestLine } from './request-line.ts'

const months: ReadonlyMap<string, number> = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map(
    (name, index) => [name, index] as const,
  ),
)

const stamp = /^(\d{1,2})\/([A-Za-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d{1,6})? ([+-])(\d\d)(\d\d)$/

/** `17/May/2015:10:05:03 +0000` as epoch milliseconds. */
export function logTime(text: string): number | undefined {
  const match = text.length > 40 ? null : stamp.exec(text)
  const month = match === null ? undefined : months.get(match[2]!.toLowerCase())
  if (match === null || month === undefined) return undefined
  const offset = (Number(match[8]) * 60 + Number(match[9])) * (match[7] === '-' ? -1 : 1)
  const utc = Date.UTC(
    Number(match[3]),
    month,
    Number(match[1]),
    Number(match[4]),
    Number(match[5]),
    Number(match[6]),
  )
  return utc - offset * 60_000
}

/** Some tools wrap each line in one more pair of double quotes. */
const unwrapLine = (line: string): string => {
  const trimmed = line.trim()
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"')
    ? trimmed.slice(1, -1)
    : trimmed
}

/** Backslash escapes of Apache and nginx: `\"`, `\\`, `\x22`. */
const unescaped = (text: string): string =>
  text.indexOf('\\') < 0
    ? text
    : text.replace(/\\(?:x([0-9a-fA-F]{2})|(["\\]))/g, (_, hex, char) =>
        typeof hex === 'string' ? String.fromCharCode(Number.parseInt(hex, 16)) : String(char),
      )

/** The fields of a line: those before the time, the time, and the quoted and bare ones after it. */
interface LogFields {
  readonly before: readonly string[]
  readonly time: string
  readonly after: readonly { readonly text: string; readonly quoted: boolean }[]
}

const mostFields = 24

function split(line: string): LogFields | undefined {
  const open = line.indexOf('[')
  const close = open < 0 ? -1 : line.indexOf(']', open)
  if (close < 0 || open > 512) return undefined
  const after: { text: string; quoted: boolean }[] = []
  let index = close + 1
  while (index < line.length && after.length < mostFields) {
    if (line[index] === ' ') {
      index += 1
      continue
    }
    const quoted = line[index] === '"'
    const end = quoted ? quoteEnd(line, index + 1, after.length === 0) : spaceAfter(line, index)
    after.push({ text: line.slice(quoted ? index + 1 : index, end), quoted })
    index = end + 1
  }
  return { before: line.slice(0, open).trim().split(/ +/), time: line.slice(open + 1, close), after }
}

const spaceAfter = (line: string, from: number): number => {
  const end = line.indexOf(' ', from)
  return end < 0 ? line.length : end
}

/**
 * The closing quote. Servers that do not escape let quotes of the request through: of the request line it is the one before
 * a status, where there is one.
 */
function quoteEnd(line: string, from: number, isRequest: boolean): number {
  let first = -1
  for (let index = from; index < line.length; index += 1) {
    const char = line[index]
    if (char === '\\') index += 1
    else if (char === '"') {
      if (!isRequest || /^ (?:\d{3}|-)(?: |$)/.test(line.slice(index + 1, index + 6))) return index
      if (first < 0) first = index
    }
  }
  return first < 0 ? line.length : first
}

const present = (text: string | undefined): text is string =>
  text !== undefined && text !== '' && text !== '-'

const size = (text: string | undefined): number =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0

function tell(record: FileRecord, context: PlainContext) {
  const reject = (reason: string) => ({ source: context.source, position: record.position, reason })
  const fields = split(unwrapLine(record.text))
  if (fields === undefined) return reject('The line has no `[time]`.')
  const time = logTime(fields.time)
  if (time === undefined) return reject('The time is not in the form 17/May/2015:10:05:03 +0000.')
  const [request, status, bytes, referer, agent, forwarded] = fields.after
  if (request === undefined || !request.quoted) return reject('The line has no quoted request.')
  const head = requestLine(unescaped(request.text))
  if (head === undefined) return reject('The request is not `METHOD target HTTP/version`.')
  const code = Number(status?.text)
  const answered = status !== undefined && /^\d{3}$/.test(status.text)
  if (!answered && status?.text !== '-') return reject('The line has no status.')
  const withHost = fields.before.length > 3
  const ip = fields.before[withHost ? 1 : 0]
  const user = fields.before[withHost ? 3 : 2]
  const headers: (readonly [string, string])[] = []
  if (referer?.quoted && present(referer.text)) headers.push(['referer', unescaped(referer.text)])
  if (agent?.quoted && present(agent.text)) headers.push(['user-agent', unescaped(agent.text)])
  if (forwarded?.quoted && present(forwarded.text))
    headers.push(['x-forwarded-for', unescaped(forwarded.text)])
  const raw: RawExchange = {
    id: `${context.label}:${record.position}`,
    time,
    source: present(ip) ? { ip } : {},
    destination: { host: head.host ?? (withHost ? fields.before[0]! : context.host) },
    request: { method: head.method, target: head.target, httpVersion: head.version, headers },
    ...(answered
      ? {
          response: {
            status: code,
            headers: [],
            body: { bytes: new Uint8Array(0), size: size(bytes?.text), truncated: false },
          },
        }
      : {}),
    // A refused name is only a claim.
    ...(present(user) && code !== 401 ? { principal: { id: user, kind: 'user' } } : {}),
  }
  return [raw]
}

const timeOf = (line: string): number | undefined => {
  const open = line.indexOf('[')
  const close = open < 0 ? -1 : line.indexOf(']', open)
  return close < 0 ? undefined : logTime(line.slice(open + 1, close))
}

export const accessLog = defineLogFormat({
  id: 'access-log',
  title: 'Access log (common or combined)',
  records: 'lines',
  recognise: (_: string, lines: readonly string[]) =>
    lines.some(line => !line.startsWith('{') && timeOf(line) !== undefined && line.includes('] "')),
  timeOf,
  tell,
})
