import { type ErrorCode, errorCodes } from '../../src/kit/error.ts'
import { code, page, table } from './markdown.ts'

const meanings: Readonly<Record<ErrorCode, string>> = {
  'usage/invalid-argument': 'An argument, option or parameter is not what it must be.',
  'usage/unknown-command': 'There is no such command.',
  'config/invalid': 'A key or value of the configuration is not valid; file, line and column are named.',
  'input/unreadable': 'A file cannot be opened or read.',
  'input/unknown-format': 'Input in a format or media type that is not read.',
  'input/too-large': 'Input beyond its bound.',
  'policy/invalid': 'A policy cannot be read or compiled; the place in it is named.',
  'auth/missing': 'No token and no session came along.',
  'auth/invalid': 'The token or session is unknown, revoked or expired.',
  'auth/forbidden': 'The role is not enough, or the request comes from another site.',
  'resource/not-found': 'There is no such thing.',
  'resource/conflict': 'What is there stands against it.',
  'resource/precondition-failed': 'It has changed since it was read (`If-Match`).',
  'resource/precondition-required': 'The change does not say which version it is based on (`If-Match`).',
  'limit/exceeded': 'Too many attempts or too much at once.',
  'request/malformed': 'A request the gateway or the API cannot read unambiguously.',
  'request/blocked': 'A policy or a quarantine refused the request; the answer carries `decisionId`.',
  'upstream/unreachable': 'The protected API does not accept connections.',
  'upstream/reset': 'The protected API broke its answer off.',
  'upstream/timeout': 'The protected API did not answer in time.',
  'listen/in-use': 'Something else listens on the address.',
  'server/unreachable': 'No Sallyport answers at the address the command was given.',
  'server/busy': 'Analysis does not answer in time, e.g. while it reads at the start what was recorded.',
  'store/locked': 'Another process owns the data directory; its process id is named.',
  'store/unavailable': 'A store does not answer.',
  'store/full': 'There is no room left to write.',
  'store/corrupt': 'What is stored cannot be read, or its audit chain is broken.',
  'internal/defect': 'A fault in Sallyport itself. The cause is in its log, never in an answer.',
}

/** `errors.md`: the closed list of codes. */
export const errorsPage = (): string =>
  page(
    'Errors',
    '`src/kit/error.ts`',
    `Every failure has one of these codes. Over HTTP it is a problem document (RFC 9457) with the type
${code('urn:sallyport:error:<area>:<what>')}, the sentence as ${code('title')}, and where known ${code('where')} it is and how to ${code('mend')} it. On the
command line it is the same sentence on standard error, and the exit code.`,
    table(
      ['code', 'HTTP status', 'exit code', 'meaning'],
      Object.entries(errorCodes).map(([name, { status, exit }]) => [
        code(name),
        String(status),
        String(exit),
        meanings[name as ErrorCode],
      ]),
    ),
    `Exit codes: 0 fine, 1 findings at or above ${code('--fail-on')} or failed policy tests, 2 wrong usage or input, 3 cannot reach or not
permitted.`,
  )
