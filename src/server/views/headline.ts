import type { Endpoint } from '../../catalog/endpoint.ts'

export interface HeadlineFacts {
  readonly openIncidents: number
  readonly containedIncidents: number
  /** First seen in the last 24 hours. */
  readonly newEndpoints: readonly Endpoint[]
  readonly endpoints: number
  readonly calls: number
  readonly bypass: boolean
  readonly gateway: string | undefined
  /** Sensors that are not running as they should. */
  readonly ailingSensors: readonly string[]
}

/**
 * Data that is worth a word when it leaves without authentication, most telling first. Tokens are not among it: giving them
 * out is what a login does.
 */
export const tellingData: Readonly<Record<string, string>> = {
  'payment-card': 'card numbers',
  'card-security-code': 'card security codes',
  password: 'passwords',
  iban: 'bank accounts',
  'us-ssn': 'social security numbers',
  'medical-record-number': 'medical records',
  'diagnosis-code': 'diagnoses',
  passport: 'passport numbers',
  'date-of-birth': 'dates of birth',
  email: 'e-mail addresses',
  phone: 'phone numbers',
  'street-address': 'addresses',
}

/** The overview's first line: what needs a decision, then what is new. Whole sentences, no number without a noun. */
export function headline(facts: HeadlineFacts): string {
  const sentences: string[] = []
  if (facts.bypass) sentences.push('The kill switch is on: everything passes.')
  const [ailing] = facts.ailingSensors
  if (ailing !== undefined) {
    const more = facts.ailingSensors.length - 1
    sentences.push(
      more === 0
        ? `Sensor ${ailing} is not seeing everything.`
        : `Sensor ${ailing} and ${more} more are not seeing everything.`,
    )
  }
  sentences.push(incidentSentence(facts))
  if (facts.calls === 0) {
    const where = facts.gateway === undefined ? 'Connect a sensor' : `Send traffic through ${facts.gateway}`
    sentences.push(`No calls seen yet. ${where} to begin.`)
  } else if (facts.newEndpoints.length > 0) sentences.push(newSentence(facts.newEndpoints, facts.endpoints))
  return sentences.join(' ')
}

function incidentSentence({ openIncidents, containedIncidents }: HeadlineFacts): string {
  if (openIncidents === 0) {
    return containedIncidents === 0
      ? 'Nothing needs a decision.'
      : `Nothing needs a decision: ${counted(containedIncidents, 'incident')} contained.`
  }
  return `${counted(openIncidents, 'incident')} ${openIncidents === 1 ? 'needs' : 'need'} a decision.`
}

function newSentence(added: readonly Endpoint[], all: number): string {
  const start =
    added.length >= all
      ? `${counted(all, 'endpoint')} found since yesterday`
      : `${counted(added.length, 'new endpoint')} since yesterday`
  const bare = added.filter(
    endpoint => endpoint.auth.length === 0 || endpoint.auth.every(scheme => scheme === 'none'),
  )
  for (const [dataClass, word] of Object.entries(tellingData)) {
    const telling = bare.filter(endpoint => endpoint.dataClasses.response.includes(dataClass))
    if (telling.length === 0) continue
    const who = added.length === 1 ? 'it' : telling.length === 1 ? 'one' : String(telling.length)
    const verb = telling.length === 1 ? 'returns' : 'return'
    return `${start}, ${who} ${verb} ${word} without authentication.`
  }
  return `${start}.`
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
