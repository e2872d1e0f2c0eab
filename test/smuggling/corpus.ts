/**
 * Requests that two parsers may read differently: the known ways of request smuggling, and what only looks like them. Written after RFC
 * 9112, the published techniques (CL.TE, TE.CL, TE.TE, chunk extensions, trailers, line ends) and the faults that servers had.
 */
export interface SmugglingCase {
  readonly category: string
  readonly what: string
  /** latin-1 */
  readonly bytes: string
  /** What is let in, as `METHOD target body`; the connection is refused behind it unless `open`. */
  readonly accepted: readonly string[]
  /** Nothing is refused: more requests may follow. */
  readonly open: boolean
}

const cases: SmugglingCase[] = []

const refused = (category: string, what: string, bytes: string, ...accepted: string[]): void => {
  cases.push({ category, what, bytes, accepted, open: false })
}
const passes = (category: string, what: string, bytes: string, ...accepted: string[]): void => {
  cases.push({ category, what, bytes, accepted, open: true })
}

const inner = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const post = (headers: string, body: string): string =>
  `POST /x HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`
const get = (headers: string): string => `GET /x HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n`
const chunked = (body: string): string => post('Transfer-Encoding: chunked', body)
const line = (text: string): string => `${text}\r\nHost: a\r\n\r\n`
const show = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text)

// ---- a length and a coding: whoever goes by one of them leaves the rest for the next request

const both = 'a length and a coding'
for (const [what, headers] of [
  ['CL.TE', `Content-Length: ${5 + inner.length}\r\nTransfer-Encoding: chunked`],
  ['TE.CL', 'Transfer-Encoding: chunked\r\nContent-Length: 5'],
  ['CL 0 and TE', 'Content-Length: 0\r\nTransfer-Encoding: chunked'],
  ['CL and an empty TE', 'Content-Length: 5\r\nTransfer-Encoding:'],
  ['CL and TE identity', 'Content-Length: 5\r\nTransfer-Encoding: identity'],
  ['CL and TE in upper case', 'CONTENT-LENGTH: 5\r\nTRANSFER-ENCODING: CHUNKED'],
  ['CL behind other headers', 'Transfer-Encoding: chunked\r\nX-A: b\r\nAccept: */*\r\nContent-Length: 5'],
  [
    'CL and TE named by Connection',
    'Connection: Content-Length\r\nContent-Length: 5\r\nTransfer-Encoding: chunked',
  ],
] as const)
  refused(both, what, post(headers, `0\r\n\r\n${inner}`))

// ---- lengths

const lengths = 'lengths'
for (const value of [
  '5, 5',
  '5,6',
  '+5',
  '-5',
  '-0',
  '5 5',
  '0x5',
  '5e0',
  '5.0',
  '5;',
  '"5"',
  '५',
  '\xb2',
  '',
  ' ',
  '99999999999999999999',
  '18446744073709551621',
  '9007199254740993',
  '5\t6',
  '5\x0b',
  '\x0c5',
  '5\x00',
  'five',
])
  refused(lengths, `Content-Length ${show(value)}`, post(`Content-Length: ${value}`, `hello${inner}`))
for (const [what, headers] of [
  ['twice, different', 'Content-Length: 5\r\nContent-Length: 6'],
  ['twice, alike', 'Content-Length: 5\r\nContent-Length: 5'],
  ['twice, one empty', 'Content-Length: 5\r\nContent-Length:'],
  ['twice in two cases', 'Content-Length: 5\r\ncontent-length: 6'],
  ['blank before the colon', 'Content-Length : 5'],
  ['tab before the colon', 'Content-Length\t: 5'],
  ['folded', 'Content-Length:\r\n 5'],
  ['folded on', 'Content-Length: 5\r\n\t0'],
] as const)
  refused(lengths, what, post(headers, `hello${inner}`))
passes(lengths, 'leading zeros', post('Content-Length: 005', 'hello'), 'POST /x hello')
passes(lengths, 'blanks around', post('Content-Length:  \t5 \t', 'hello'), 'POST /x hello')
passes(lengths, 'none at all', post('Content-Length:5', 'hello'), 'POST /x hello')
passes(lengths, 'a name like it', post('Content_Length: 6\r\nContent-Length: 5', 'hello'), 'POST /x hello')
passes(
  lengths,
  'another request behind the body',
  post('Content-Length: 5', `hello${inner}`),
  'POST /x hello',
  'GET /smuggled ',
)
passes(lengths, 'a request in the body', post(`Content-Length: ${inner.length}`, inner), `POST /x ${inner}`)
passes(
  lengths,
  'a body of GET',
  `GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  `GET /x ${inner}`,
)
passes(lengths, 'zero', post('Content-Length: 0', inner), 'POST /x ', 'GET /smuggled ')

// ---- codings that one side knows and the other does not

const codings = 'codings'
for (const value of [
  'xchunked',
  'chunkedx',
  'chunked;q=1',
  'chunked, identity',
  'identity, chunked',
  'identity',
  'gzip',
  'gzip, chunked',
  'chunked, gzip',
  'chunked, chunked',
  'chunked,',
  ',chunked',
  ', chunked',
  'cow',
  '"chunked"',
  "'chunked'",
  'chun ked',
  'chunk\ted',
  '\x0bchunked',
  'chunked\x0b',
  '\x00chunked',
  'chunked\x00',
  '\xa0chunked',
  'chunked\xff',
  'x chunked',
  '',
  '\rchunked',
  'chunked\r',
  '\nchunked',
])
  refused(
    codings,
    `Transfer-Encoding ${show(value)}`,
    post(`Transfer-Encoding: ${value}`, `0\r\n\r\n${inner}`),
  )
for (const [what, headers] of [
  ['blank before the colon', 'Transfer-Encoding : chunked'],
  ['tab before the colon', 'Transfer-Encoding\t: chunked'],
  ['vertical tab before the colon', 'Transfer-Encoding\x0b: chunked'],
  ['blank before the name', ' Transfer-Encoding: chunked'],
  ['folded', 'Transfer-Encoding:\r\n chunked'],
  ['folded with a tab', 'Transfer-Encoding:\r\n\tchunked'],
  ['behind another header, folded', 'X-A: b\r\n Transfer-Encoding: chunked'],
  ['behind a bare CR', 'X-A: b\rTransfer-Encoding: chunked'],
  ['behind a bare LF', 'X-A: b\nTransfer-Encoding: chunked'],
  ['behind LF CR', 'X-A: b\n\rTransfer-Encoding: chunked'],
  ['twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
  ['chunked, then identity', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity'],
  ['identity, then chunked', 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked'],
  ['cow, then chunked', 'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked'],
  ['NUL in the name', 'Transfer\0-Encoding: chunked'],
  ['no name', ': chunked'],
  ['no colon', 'Transfer-Encoding chunked'],
] as const)
  refused(codings, what, post(headers, `0\r\n\r\n${inner}`))
refused(
  codings,
  'in HTTP/1.0',
  `POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
)
passes(codings, 'in another case', post('tRANSFER-eNCODING: cHUNKED', '0\r\n\r\n'), 'POST /x ')
refused(codings, 'a blank behind', post('Transfer-Encoding: chunked ', `0\r\n\r\n${inner}`))
refused(codings, 'a tab behind', post('Transfer-Encoding: chunked\t', `0\r\n\r\n${inner}`))
passes(codings, 'blanks before', post('Transfer-Encoding: \t chunked', '0\r\n\r\n'), 'POST /x ')
passes(
  codings,
  'a name like it',
  post('Transfer_Encoding: chunked\r\nContent-Length: 5', 'hello'),
  'POST /x hello',
)
passes(
  codings,
  'another request behind it',
  chunked(`2\r\nhi\r\n0\r\n\r\n${inner}`),
  'POST /x hi',
  'GET /smuggled ',
)

// ---- chunks

const chunks = 'chunks'
for (const body of [
  '',
  ' 2\r\nhi\r\n',
  '\t2\r\nhi\r\n',
  '+2\r\nhi\r\n',
  '-2\r\nhi\r\n',
  '0x2\r\nhi\r\n',
  '2h\r\nhi\r\n',
  'g\r\nhi\r\n',
  '2 \r\nhi\r\n',
  '2\t\r\nhi\r\n',
  '2,\r\nhi\r\n',
  '2\nhi\r\n',
  '2\rhi\r\n',
  '2\r\rhi\r\n',
  '2\r\nhi\n',
  '2\r\nhi\r',
  '2\r\nhiX\r\n',
  '3\r\nhi\r\n',
  '1\r\nhi\r\n',
  '2\r\n\r\nhi\r\n',
  '\r\n2\r\nhi\r\n',
  '10000000000000000\r\nhi\r\n',
  'fffffffffffffffff\r\nhi\r\n',
  '2.0\r\nhi\r\n',
  '２\r\nhi\r\n',
]) {
  const text = chunked(`${body}0\r\n\r\n${inner}`)
  if (body !== '') refused(chunks, `chunk ${show(body)}`, text)
}
for (const [what, body] of [
  ['LF behind the last size', '2\r\nhi\r\n0\n\r\n'],
  ['LF behind the last chunk', '2\r\nhi\r\n0\r\n\n'],
  ['last size with a blank', '2\r\nhi\r\n0 \r\n\r\n'],
  ['CR alone at the end', '2\r\nhi\r\n0\r\n\rGET'],
] as const)
  refused(chunks, what, chunked(`${body}${inner}`))
passes(chunks, 'many zeros', chunked('0002\r\nhi\r\n000\r\n\r\n'), 'POST /x hi')
passes(
  chunks,
  'hexadecimal in both cases',
  chunked('a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n'),
  'POST /x 01234567890123456789',
)
passes(
  chunks,
  'a request as a chunk',
  chunked(`${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`),
  `POST /x ${inner}`,
)

const extensions = 'chunk extensions'
for (const extension of [
  ';',
  ';;',
  ';a;',
  ';a=',
  ';=b',
  '; a=b',
  ' ;a=b',
  ';a =b',
  ';a= b',
  ';a="b',
  ';a=b"',
  ';a="b"c',
  ';a\nb',
  ';a\rb',
  ';a\0',
  ';a=\x0b',
  ';a="\n"',
  ';\xff',
  `;a=${'b'.repeat(2_000)}`,
])
  refused(extensions, `extension ${show(extension)}`, chunked(`2${extension}\r\nhi\r\n0\r\n\r\n${inner}`))
refused(
  extensions,
  'more than all of them may be',
  chunked(`${`1;a=${'b'.repeat(1_000)}\r\nx\r\n`.repeat(40)}0\r\n\r\n`),
)
passes(extensions, 'a name', chunked('2;a\r\nhi\r\n0\r\n\r\n'), 'POST /x hi')
passes(extensions, 'a name and a value', chunked('2;a=b;c=d\r\nhi\r\n0;e\r\n\r\n'), 'POST /x hi')
passes(extensions, 'a quoted value', chunked('2;a="b c"\r\nhi\r\n0\r\n\r\n'), 'POST /x hi')

const trailers = 'trailers'
for (const [what, trailer] of [
  ['a bare LF', 'X-A: b\nX-B: c\r\n'],
  ['a bare CR', 'X-A: b\rX-B: c\r\n'],
  ['a blank before the colon', 'X-A : b\r\n'],
  ['folded', 'X-A: b\r\n c\r\n'],
  ['no colon', 'X-A\r\n'],
  ['NUL', 'X-A: \0\r\n'],
  ['no name', ': b\r\n'],
  ['a coding', 'Transfer-Encoding: chunked\r\n'],
  ['a length', 'Content-Length: 5\r\n'],
  ['too large', `X-A: ${'b'.repeat(40_000)}\r\n`],
  ['too many', 'X-A: b\r\n'.repeat(300)],
] as const)
  refused(trailers, what, chunked(`2\r\nhi\r\n0\r\n${trailer}\r\n${inner}`))
passes(trailers, 'one', chunked('2\r\nhi\r\n0\r\nX-A: b\r\n\r\n'), 'POST /x hi')
passes(
  trailers,
  'framing among them',
  chunked(`2\r\nhi\r\n0\r\nX-Len: ${inner.length}\r\n\r\n`),
  'POST /x hi',
)

// ---- line ends

const ends = 'line ends'
for (const [what, bytes] of [
  ['LF alone everywhere', 'GET /x HTTP/1.1\nHost: a\n\n'],
  ['LF behind the request line', 'GET /x HTTP/1.1\nHost: a\r\n\r\n'],
  ['LF behind a header', 'GET /x HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n'],
  ['LF as the empty line', 'GET /x HTTP/1.1\r\nHost: a\r\n\n'],
  ['LF LF behind a header', 'GET /x HTTP/1.1\r\nHost: a\n\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['CR alone behind the request line', 'GET /x HTTP/1.1\rHost: a\r\n\r\n'],
  ['CR alone behind a header', 'GET /x HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n'],
  ['CR CR LF', 'GET /x HTTP/1.1\r\nHost: a\r\r\n\r\n'],
  ['CR LF CR without LF', 'GET /x HTTP/1.1\r\nHost: a\r\n\rX-A: b\r\n\r\n'],
  ['CR in a value', get('X-A: \r')],
  ['CR before the value', get('X-A:\rb')],
  ['CR in a name', get('X\r-A: b')],
  ['LF first', '\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['CR first', '\rGET /x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['line separator U+2028', 'GET /x HTTP/1.1\xe2\x80\xa8Host: a\r\n\r\n'],
  ['NEL', 'GET /x HTTP/1.1\x85Host: a\r\n\r\n'],
  ['a tail of empty lines', '\r\n'.repeat(40) + inner],
] as const)
  refused(ends, what, bytes)
passes(ends, 'an empty line first', `\r\n${inner}`, 'GET /smuggled ')
passes(ends, 'an empty line between', `${inner}\r\n${inner}`, 'GET /smuggled ', 'GET /smuggled ')

// ---- headers

const headers = 'headers'
for (const [what, text] of [
  ['blank before the colon', 'X-A : b'],
  ['blank in the name', 'X A: b'],
  ['tab in the name', 'X\tA: b'],
  ['no colon', 'X-A b'],
  ['no name', ': b'],
  ['a blank as the name', ' : b'],
  ['folded', 'X-A: b\r\n c'],
  ['folded with a tab', 'X-A: b\r\n\tc'],
  ['folded to nothing', 'X-A: b\r\n '],
  ['parentheses in the name', 'X(A): b'],
  ['slash in the name', 'X/A: b'],
  ['quotes in the name', '"X-A": b'],
  ['at sign in the name', 'X@A: b'],
  ['bracket in the name', 'X[A]: b'],
  ['brace in the name', 'X{A}: b'],
  ['equals in the name', 'X=A: b'],
  ['raw byte in the name', 'X\xe9A: b'],
  ['NUL in the name', 'X\0A: b'],
  ['NUL in the value', 'X-A: b\0c'],
  ['SOH in the value', 'X-A: b\x01c'],
  ['ESC in the value', 'X-A: b\x1bc'],
  ['DEL in the value', 'X-A: b\x7fc'],
  ['vertical tab in the value', 'X-A: b\x0bc'],
  ['form feed in the value', 'X-A: b\x0cc'],
  ['a request line as a header', 'GET /smuggled HTTP/1.1'],
  ['more than may be', `${'X-A: b\r\n'.repeat(300)}X-A: b`],
  ['larger than may be', `X-A: ${'b'.repeat(40_000)}`],
  ['a name larger than may be', `${'X'.repeat(40_000)}: b`],
] as const)
  refused(headers, what, `${get(text)}${inner}`)
refused(headers, 'a blank before the first', `GET /x HTTP/1.1\r\n Host: a\r\n\r\n`)
refused(headers, 'a tab before the first', `GET /x HTTP/1.1\r\n\tHost: a\r\n\r\n`)
passes(headers, 'every character that a name may have', get("!#$%&'*+-.^_`|~09azAZ: b"), 'GET /x ')
passes(headers, 'raw bytes in the value', get('X-A: \x80\xe9\xff'), 'GET /x ')
passes(headers, 'an empty value', get('X-A:'), 'GET /x ')
passes(headers, 'tabs in the value', get('X-A: b\tc'), 'GET /x ')
passes(headers, 'colons in the value', get('X-A: b:c: d'), 'GET /x ')

// ---- the request line

const lines = 'request lines'
for (const text of [
  'GET  /x HTTP/1.1',
  'GET /x  HTTP/1.1',
  'GET\t/x\tHTTP/1.1',
  'GET\t/x HTTP/1.1',
  'GET /x\tHTTP/1.1',
  'GET\x0b/x HTTP/1.1',
  ' GET /x HTTP/1.1',
  'GET /x HTTP/1.1 ',
  'GET /x HTTP/1.1\t',
  'GET /x',
  'GET /x ',
  'GET',
  'GET HTTP/1.1',
  'GET /x HTTP',
  'GET /x HTTP/',
  'GET /x HTTP/1',
  'GET /x HTTP/1.',
  'GET /x HTTP/1.2',
  'GET /x HTTP/0.9',
  'GET /x HTTP/2',
  'GET /x HTTP/2.0',
  'GET /x HTTP/11.1',
  'GET /x HTTP/1.11',
  'GET /x HTTP/01.1',
  'GET /x HTTP/1,1',
  'GET /x HTTP/ 1.1',
  'GET /x http/1.1',
  'GET /x HTTPS/1.1',
  'GET /x ICE/1.0',
  'GET /x RTSP/1.0',
  'GET /x HTTP/1.1 HTTP/1.1',
  'GET /x y HTTP/1.1',
  'GET /\xe9 HTTP/1.1',
  'GET /\0 HTTP/1.1',
  'GET /x\x7f HTTP/1.1',
  'GET /x\x01 HTTP/1.1',
  'GET /x#y HTTP/1.1',
  'GET x HTTP/1.1',
  'GET ../x HTTP/1.1',
  'GET ?x HTTP/1.1',
  'GET * HTTP/1.1',
  'get /x HTTP/1.1',
  'Get /x HTTP/1.1',
  'GET\0 /x HTTP/1.1',
  'G\xc9T /x HTTP/1.1',
  'FOO /x HTTP/1.1',
  'GETX /x HTTP/1.1',
  'GE /x HTTP/1.1',
  'SOURCE /x HTTP/1.1',
  'DESCRIBE /x HTTP/1.1',
  'PRI * HTTP/2.0',
  'CONNECT a:443 HTTP/1.1',
  'HTTP/1.1 200 OK',
  `GET /${'x'.repeat(20_000)} HTTP/1.1`,
  `GET /${'x'.repeat(40_000)} HTTP/1.1`,
])
  refused(lines, show(text), line(text))
refused(lines, 'HTTP/0.9', 'GET /x\r\n\r\n')
refused(lines, 'the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')
refused(lines, 'a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
refused(lines, 'SSH', 'SSH-2.0-OpenSSH_9.2\r\n\r\n')
refused(lines, 'a proxy line', `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n${inner}`)
passes(lines, 'an extended method', line('M-SEARCH /x HTTP/1.1'), 'M-SEARCH /x ')
passes(lines, 'dots', line('GET /a/../../b/./c HTTP/1.1'), 'GET /a/../../b/./c ')
passes(lines, 'encoded line ends', line('GET /x%0d%0aHost:%20b HTTP/1.1'), 'GET /x%0d%0aHost:%20b ')
passes(lines, 'two slashes', line('GET //evil.example/x HTTP/1.1'), 'GET //evil.example/x ')
passes(lines, 'the asterisk with OPTIONS', line('OPTIONS * HTTP/1.1'), 'OPTIONS * ')
passes(lines, 'odd characters', line(`GET /x?a="<>\\^\`{|}' HTTP/1.1`), `GET /x?a="<>\\^\`{|}' `)

// ---- where it goes

const hosts = 'hosts'
for (const [what, bytes] of [
  ['none', 'GET /x HTTP/1.1\r\nX-A: b\r\n\r\n'],
  ['two', get('Host: b')],
  ['two alike', get('Host: a')],
  ['two in two cases', get('HOST: b')],
  ['empty', 'GET /x HTTP/1.1\r\nHost:\r\n\r\n'],
  ['with user info', 'GET /x HTTP/1.1\r\nHost: u@a\r\n\r\n'],
  ['with a path', 'GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['with a blank', 'GET /x HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['with a port that is none', 'GET /x HTTP/1.1\r\nHost: a:b\r\n\r\n'],
  ['with a question mark', 'GET /x HTTP/1.1\r\nHost: a?b\r\n\r\n'],
  ['with a hash', 'GET /x HTTP/1.1\r\nHost: a#b\r\n\r\n'],
  ['with a backslash', 'GET /x HTTP/1.1\r\nHost: a\\b\r\n\r\n'],
  ['with a raw byte', 'GET /x HTTP/1.1\r\nHost: \xe9\r\n\r\n'],
  ['absolute target of another', 'GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['absolute target of another port', 'GET http://a:81/x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['absolute target with user info', 'GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['absolute target without a host', 'GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['absolute target of another scheme', 'GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['absolute target that is none', 'GET http:a/x HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['absolute target with a backslash', 'GET http://a\\@b/x HTTP/1.1\r\nHost: a\r\n\r\n'],
] as const)
  refused(hosts, what, bytes)
passes(hosts, 'absolute target', 'GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /x ')
passes(hosts, 'absolute target in another case', 'GET HTTP://A/x HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /x ')
passes(hosts, 'a target within a query', line('GET /x?u=http://b/ HTTP/1.1'), 'GET /x?u=http://b/ ')
passes(hosts, 'IPv6', 'GET /x HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', 'GET /x ')

// ---- one behind the other

const behind = 'pipelines'
passes(behind, 'three', inner.repeat(3), 'GET /smuggled ', 'GET /smuggled ', 'GET /smuggled ')
refused(behind, 'a good one, then a bad one', `${inner}GET /x HTTP/1.1\nHost: a\r\n\r\n`, 'GET /smuggled ')
refused(
  behind,
  'behind a close',
  `GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${inner}`,
  'GET /x ',
)
refused(behind, 'behind HTTP/1.0', `GET /x HTTP/1.0\r\nHost: a\r\n\r\n${inner}`, 'GET /x ')
refused(behind, 'behind a short body', post('Content-Length: 3', `hello${inner}`), 'POST /x hel')
refused(
  behind,
  'an upgrade with a length',
  get(`Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${inner.length}`) + inner,
)
refused(behind, 'behind an upgrade', get('Connection: Upgrade\r\nUpgrade: websocket') + inner, 'GET /x ')
refused(
  behind,
  'behind an upgrade to HTTP/2',
  get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA') + inner,
  'GET /x ',
)
refused(behind, 'an expectation that nobody knows', post('Expect: 200-ok\r\nContent-Length: 5', 'hello'))
passes(behind, 'an expectation', post('Expect: 100-continue\r\nContent-Length: 5', 'hello'), 'POST /x hello')

export const smugglingCases: readonly SmugglingCase[] = cases
