import type { DataClassDefinition, DataClassGroup } from '../../src/catalog/data-class.ts'
import { dataClasses } from '../../src/catalog/data-classes/index.ts'
import { code, page, prose, table } from './markdown.ts'

const groups: Readonly<Record<DataClassGroup, string>> = {
  pii: 'Personal data',
  pci: 'Payment data',
  phi: 'Health data',
  secret: 'Secrets',
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`

/** Keys of services are cut: a scanner of this text should find nothing to report. */
const shown = ({ group }: DataClassDefinition, text: string): string =>
  code(group === 'secret' && text.length > 12 ? `${text.slice(0, 8)}…` : text)

function evidence({ needsName, immediate }: DataClassDefinition): string {
  if (needsName) return 'only where the name of the field hints at it'
  return immediate ? 'one value settles it' : 'several values agree'
}

const section = (group: DataClassGroup): string => {
  const members = dataClasses.filter(definition => definition.group === group)
  return [
    `## ${groups[group]} (${code(group)})`,
    table(
      ['class', 'what', 'sensitivity', 'decided by', 'passes by chance', 'names that hint', 'is', 'is not'],
      members.map(definition => [
        code(definition.id),
        prose(definition.title),
        String(definition.sensitivity),
        evidence(definition),
        percent(definition.chance),
        definition.names.map(code).join(' '),
        definition.examples.matches.map(text => shown(definition, text)).join(' '),
        definition.examples.rejects.map(text => shown(definition, text)).join(' '),
      ]),
    ),
  ].join('\n\n')
}

/** `data-classes.md`: which sensitive data is recognised, and how surely. */
export const dataClassesPage = (): string =>
  page(
    'Data classes',
    '`src/catalog/data-classes`',
    `Fields of requests and answers are classified by their values first: check digits and formats decide, and the name of a field
speaks for or against. One value rarely settles it, because one random number in ten passes a check digit; a class is named once
the values of a field agree. *Sensitivity* is the points a class adds to an endpoint's risk (0 to 30); *passes by chance* is the share of
unrelated values of the same outer form that its test accepts.`,
    ...(Object.keys(groups) as DataClassGroup[]).map(section),
  )
