import type { DetectorFacts } from '../../src/detect/detector.ts'
import { detectors } from '../../src/detect/detectors/index.ts'
import { graphDetectors } from '../../src/detect/graph/detectors/index.ts'
import type { GraphDetectorDefinition } from '../../src/detect/graph/graph-detector.ts'
import { block, code, list, page, prose, table } from './markdown.ts'

const sections = (detector: DetectorFacts & Pick<GraphDetectorDefinition, 'exceptions'>): string =>
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
    ...(detector.exceptions === undefined
      ? []
      : ['### Exceptions', `It does not speak of what is declared: ${prose(detector.exceptions)}.`]),
    '### Fires on',
    ...detector.examples.fires.map(example => block('text', example)),
    '### Stays quiet on',
    ...detector.examples.quiet.map(example => block('text', example)),
  ].join('\n\n')

/** `detectors.md`: what each detector finds, says, and may be told. */
export const detectorsPage = (): string =>
  page(
    'Detectors',
    '`src/detect/detectors` and `src/detect/graph/detectors`',
    `Each detector reads calls in order of time and raises signals; signals of one actor become an incident. A signal names what was
observed, what was expected, and the calls that show it. Detectors of the graph read every event besides: what workloads, identities and
stores do with each other. Signals that share a workload, an identity, a trace or a caller become one incident, which tells the way from
where it came in to the data it came to. Every example below is run by the tests.`,
    table(
      ['detector', 'finds', 'family', 'severity', 'OWASP'],
      [...detectors, ...graphDetectors].map(({ id, title, family, severity, owasp }) => [
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
    `Examples of graph detectors are scenes: lines of traffic with ${code('to=shop/orders')}, ${code('from=')} and ${code('trace=')} for the
workloads at its ends, and lines of what workloads do, such as ${code('shop/orders reads postgresql://db/shop/cards rows=12')}. A workload is
${code('[cluster/]namespace/name[#pod][@version]')}.`,
    list([
      `${code('calls')}, ${code('connects')}, ${code('runs')}, ${code('opens')}, ${code('changes')}, ${code('dials')}, ${code('assumes')}, ${code('reads')} and ${code('writes')} are what a workload can do.`,
      `${code('store … holds payment-card')} says what the catalog knows of a store; ${code('repeat 40 … end')} repeats lines.`,
    ]),
    ...detectors.map(sections),
    ...graphDetectors.map(sections),
  )
