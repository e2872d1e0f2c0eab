import type { DetectorDefinition } from '../../src/detect/detector.ts'
import { detectors } from '../../src/detect/detectors/index.ts'
import { block, code, list, page, prose, table } from './markdown.ts'

const sections = (detector: DetectorDefinition): string =>
  [
    `## ${code(detector.id)}`,
    `**${prose(detector.title)}.** ${prose(detector.summary)}`,
    table(
      ['', ''],
      [
        ['Family', detector.family],
        ['Severity', `${detector.severity}, unless the finding says otherwise`],
        ['OWASP API Security', detector.owasp.join(', ')],
        ['MITRE ATT&CK', detector.attack.length === 0 ? 'none' : detector.attack.join(', ')],
      ],
    ),
    '### What it says',
    table(
      ['message', 'sentence', 'observed and expected facts it names'],
      Object.entries(detector.messages).map(([id, sentence]) => [
        code(id),
        prose(sentence),
        [...new Set(sentence.match(/\{[a-zA-Z]+\}/g) ?? [])].map(name => code(name.slice(1, -1))).join(' '),
      ]),
    ),
    '### When this is not an attack',
    prose(detector.whenNotAnAttack),
    '### Options',
    `Set as ${code(`analysis.detectors.${detector.id}.<option>`)}.`,
    table(
      ['option', 'default', 'why'],
      Object.entries(detector.options).map(([name, { default: value, reason }]) => [
        code(name),
        String(value),
        prose(reason),
      ]),
    ),
    '### Fires on',
    ...detector.examples.fires.map(example => block('text', example)),
    '### Stays quiet on',
    ...detector.examples.quiet.map(example => block('text', example)),
  ].join('\n\n')

/** `detectors.md`: what each detector finds, says, and may be told. */
export const detectorsPage = (): string =>
  page(
    'Detectors',
    '`src/detect/detectors`',
    `Each detector reads calls in order of time and raises signals; signals of one actor become an incident. A signal names what was
observed, what was expected, and the calls that show it. Every example below is run by the tests.`,
    table(
      ['detector', 'finds', 'family', 'severity', 'OWASP'],
      detectors.map(({ id, title, family, severity, owasp }) => [
        `[${code(id)}](#${id})`,
        prose(title),
        family,
        severity,
        owasp.join(', '),
      ]),
    ),
    `The examples are in a small language for traffic: ${code('ACTORS METHOD TARGET [every 5s] [x 3] -> STATUS [JSON]')}. A segment in braces is a
placeholder of the path template and holds a value, a range (${code('{1..41}')}), a list (${code('{7|12}')}) or the actor (${code('{self}')}).`,
    list([
      `${code('learn')} marks history: learned from, nothing is raised from it.`,
      `${code('wait 2h')} lets time pass; without ${code('every')} calls are a second apart.`,
    ]),
    ...detectors.map(sections),
  )
