import { grammars, pieceLength, pieceOverlap } from '../../src/call/payload/index.ts'
import { placedRules } from '../../src/call/payload/placed/index.ts'
import { code, list, page } from './markdown.ts'

/** `payloads.md`: which attack languages are recognised in a value, with what is and what is not one. */
export const payloadsPage = (): string =>
  page(
    'Injection payloads',
    '`src/call/payload`',
    `Every value an application would read (path segments, query, headers, pairs of cookies, fields of the body, and their keys) is unwrapped
(percent encoding, HTML entities, Base64 and so on) and read by the grammars below; what is hostile only at one place (the name of a file that
is uploaded) is read there. [The guide](../guide/payloads.md) says how. A value without one of a grammar's literals costs one pass over
its characters; the grammars run in time linear in the value. Values longer than ${pieceLength} characters are read in pieces that overlap by
${pieceOverlap}. Of several hits the surest is reported, of equally sure ones the first in this order. The name of a grammar is the value
of the policy fact ${code('request.payload')}.`,
    ...grammars.map(({ kind, triggers, examples }) =>
      [
        `## ${code(kind)}`,
        `Read where one of these occurs: ${triggers.map(code).join(' ')}`,
        'Is one:',
        list(examples.hits.map(code)),
        'Is none:',
        list(examples.misses.map(code)),
      ].join('\n\n'),
    ),
    ...placedRules.map(({ kind, place, examples }) =>
      [
        `## ${code(kind)}: ${place.replaceAll('`', '')}`,
        'Is one:',
        list(examples.hits.map(code)),
        'Is none:',
        list(examples.misses.map(code)),
      ].join('\n\n'),
    ),
  )
