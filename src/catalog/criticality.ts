import type { criticalities } from './criticalities.ts'
import { harmless, senseOf, singular } from './criticality-words.ts'
import type { ClassRegistry } from './data-classes/registry/class-registry.ts'
import { standardClasses } from './data-classes/registry/standard.ts'
import type { Endpoint } from './endpoint.ts'
import { wordsOf } from './schema/name-hints.ts'

export interface Criticality {
  readonly name: (typeof criticalities)[number]
  readonly why: string
}

/** What an endpoint was seen to answer with. */
export interface AnswerFacts {
  /** Of successful answers, lower case, without parameters. */
  readonly mediaTypes: readonly string[]
  /** Entries of the longest list in one answer, at its top or up to two levels down. */
  readonly longestList: number
  /** Answers that said they are a file (`Content-Disposition: attachment`). */
  readonly attachments: number
}

const noAnswers: AnswerFacts = { mediaTypes: [], longestList: 0, attachments: 0 }

/** Entries from which a list is no page any more. */
const bulk = 500
/** Segments, and words in all, that are looked at. */
const maxSegments = 32
const maxWords = 64

/** Tables, archives and database dumps. */
const files =
  /^(?:text\/(?:csv|tab-separated-values|vcard|calendar)|application\/(?:csv|zip|gzip|x-tar|x-7z-compressed|sql|x-sqlite3|vnd\.sqlite3|vnd\.ms-excel|vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet|vnd\.apache\.parquet|x-ndjson|ndjson|octet-stream))$/

/** Classes of personal data that money moves by. */
const accounts: ReadonlySet<string> = new Set(['iban', 'bank-routing'])

interface Hint extends Criticality {
  readonly weight: number
}

/**
 * What an endpoint is for: from the words of its path and its operation's name, the data it takes and gives, and what its answers
 * look like. The strongest hint decides, of equal ones the one that stands last, because a path ends with what it is about.
 *
 * @param template path, with the operation's name as a last segment where it has one
 * @param dataClasses ids of the classes found
 */
export function criticalityOf(
  method: string,
  template: string,
  dataClasses: Endpoint['dataClasses'],
  classes: ClassRegistry = standardClasses,
  answers: AnswerFacts = noAnswers,
): Criticality {
  const words = wordsIn(template)
  const last = words.at(-1)
  const hints: Hint[] = []
  if (last === undefined || !harmless.has(last.text))
    hints.push(...wordHints(words, method), ...answerHints(answers))
  hints.push(...dataHints(method, dataClasses, classes))
  let best: Hint | undefined
  for (const hint of hints) if (best === undefined || hint.weight >= best.weight) best = hint
  if (best !== undefined) return { name: best.name, why: best.why }
  return { name: 'other', why: 'neither its name nor its data nor its answers say otherwise' }
}

interface Word {
  /** In the singular. */
  readonly text: string
  readonly written: string
  readonly segment: number
}

function wordsIn(template: string): readonly Word[] {
  const words: Word[] = []
  template.split('/', maxSegments).forEach((text, segment) => {
    for (const written of wordsOf(text.replace(/\{[^}]*\}/g, ' ')).split(' '))
      if (written !== '' && words.length < maxWords) words.push({ text: singular(written), written, segment })
  })
  return words
}

/** Verbs and places after which a path is still about the noun before them. */
const still = new Set(
  'search find list get query update create delete patch lookup by id all me new edit v1 v2'.split(' '),
)

function wordHints(words: readonly Word[], method: string): readonly Hint[] {
  const hints: Hint[] = []
  const around = new Set(words.map(({ text }) => text))
  const nounAt = words.findLastIndex(({ text }) => !still.has(text))
  words.forEach((word, index) => {
    const next = words[index + 1]
    const pair = next?.segment === word.segment ? `${word.written}${next.text}` : undefined
    const sense = (pair === undefined ? undefined : senseOf(pair)) ?? senseOf(word.written)
    if (sense === undefined) return
    const { purpose, unless } = sense
    if (unless !== undefined && [...around].some(other => unless.has(other))) return
    if (sense.weight === 1 && purpose === 'personal-data' && nounAt > index) return
    // What sends a file in takes nothing out.
    if (purpose === 'export' && sense.weight < 3 && method !== 'GET' && method !== 'POST') return
    const said =
      pair !== undefined && senseOf(pair) !== undefined ? `${word.written} ${next?.written}` : word.written
    const weight = purpose === 'admin' && sense.weight === 3 ? 4 : sense.weight
    hints.push({ name: purpose, weight, why: `its name says "${said}"` })
  })
  return hints
}

function answerHints({ mediaTypes, longestList, attachments }: AnswerFacts): readonly Hint[] {
  const hints: Hint[] = []
  if (longestList >= bulk)
    hints.push({ name: 'export', weight: 2.5, why: `it answered with ${longestList} entries at once` })
  const file = mediaTypes.find(type => files.test(type))
  if (file !== undefined) hints.push({ name: 'export', weight: 2.5, why: `it answers with files (${file})` })
  else if (attachments > 0) hints.push({ name: 'export', weight: 1.8, why: 'it answers with files to save' })
  return hints
}

function dataHints(
  method: string,
  { request, response }: Endpoint['dataClasses'],
  classes: ClassRegistry,
): readonly Hint[] {
  const hints: Hint[] = []
  const add = (name: Criticality['name'], weight: number, id: string | undefined): void => {
    if (id !== undefined) hints.push({ name, weight, why: `it carries ${id}` })
  }
  const carried = [...response, ...request]
  const ofGroup = (...groups: readonly string[]): string | undefined =>
    carried.find(id => groups.includes(classes.get(id)?.group ?? ''))
  add('personal-data', 1.5, ofGroup('phi') ?? ofGroup('pii'))
  if (method === 'POST')
    add(
      'authentication',
      1.6,
      request.find(id => id === 'password'),
    )
  add(
    'authentication',
    1.7,
    response.find(id => id === 'jwt'),
  )
  add(
    'payment',
    2.2,
    carried.find(id => accounts.has(id)),
  )
  add('payment', 2.6, ofGroup('pci'))
  return hints
}
