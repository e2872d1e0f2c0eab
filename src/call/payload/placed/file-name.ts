import type { PayloadHit } from '../grammar.ts'
import type { PlacedRule } from './placed-rule.ts'

const kind = 'file-upload'
const executable =
  'ph(?:p\\d{0,4}|ps|tml?|ar|pt|t)|jspx?f?|jsw|jsv|aspx?|asmx|ashx|ascx|cer|asa|cfm|cgi|shtml?|war'

/** Read by a server as code: as the last ending, before a second one, or behind dots and spaces that file systems drop. */
const last = new RegExp(`\\.\\s{0,4}(?:${executable})[\\s.]{0,64}$`)
const inner = new RegExp(`\\.(?:${executable})[.;:%\\0/\\\\]`)
/** Read by a server as its own configuration, or as a session. */
const configuration =
  /(?:^|[/\\])(?:\.ht(?:access|passwd|group)|\.user\.ini|web\.config|wp-config[\w.-]{0,16}|sess_[\w,-]{8,64})$/

/** @returns What an uploaded file's name says of what a server would do with it. */
export function inspectFileName(value: string): PayloadHit | undefined {
  const name = value.slice(0, 512).toLowerCase()
  if (/\0|%00/.test(name)) return { kind, rule: 'null-byte', confidence: 0.9 }
  if (/(?:^|[/\\])\.\.[/\\]/.test(name)) return { kind, rule: 'traversal', confidence: 0.85 }
  if (inner.test(name)) return { kind, rule: 'double-ending', confidence: 0.75 }
  if (last.test(name)) return { kind, rule: 'executable', confidence: /[\s.]$|\.\s/.test(name) ? 0.85 : 0.6 }
  if (configuration.test(name)) return { kind, rule: 'configuration', confidence: 0.7 }
  return undefined
}

export const fileUpload: PlacedRule = {
  kind,
  place: 'the name of an uploaded file (multipart, `x-filename`)',
  inspect: inspectFileName,
  examples: {
    hits: [
      'shell.php',
      'a.PHTML',
      'avatar.php.jpg',
      'x.jsp...',
      'x.aspx;.png',
      '.htaccess',
      'photo. php',
      '../x.png',
    ],
    misses: [
      'photo.jpg',
      'report.final.pdf',
      'my.phone.bill.pdf',
      'aspects.docx',
      'backup.tar.gz',
      'php.txt',
    ],
  },
}
