import type { FromDecisions, FromSensors } from './protocol.ts'

type Start = Extract<FromDecisions | FromSensors, { readonly type: 'started' | 'failed' }>

/** What the log says of a listener that a thread started or could not start; undefined where nothing needs to be said. @param what it is, in words */
export function startLine(what: string, message: Start): string | undefined {
  const { id } = message
  if (message.type === 'started')
    return message.address === undefined ? undefined : `${what} ${id}:  ${message.address}`
  return message.asked
    ? `${what} ${id} does not run, and is tried again: ${message.trouble}`
    : `${what} ${id} is left out: ${message.trouble}`
}
