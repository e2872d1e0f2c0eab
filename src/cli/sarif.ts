import { findingRules } from '../catalog/findings/rules/index.ts'
import { driftRules } from '../catalog/spec/rules/index.ts'
import { allDetectors as registry } from '../detect/registry.ts'
import type { AnalysisDocument } from '../engine/document.ts'
import { stableHash } from '../kit/hash.ts'
import type { Severity } from '../kit/severity.ts'
import { version } from '../kit/version.ts'

const levels: Readonly<Record<Severity, 'note' | 'warning' | 'error'>> = {
  info: 'note',
  low: 'note',
  medium: 'warning',
  high: 'error',
  critical: 'error',
}

/** `security-severity` as code scanning buckets it: over 9 critical, 7 high, 4 medium, 0.1 low. */
const scores: Readonly<Record<Severity, string>> = {
  info: '0.1',
  low: '2.0',
  medium: '5.0',
  high: '8.0',
  critical: '9.5',
}

/** The signals and findings of a document as SARIF 2.1.0: a rule each detector and rule of findings, a result each, at its endpoint. */
export function sarifFrom(document: AnalysisDocument) {
  const detectors = [...new Set(document.signals.map(signal => signal.detector))].sort()
  const rules = [...driftRules, ...findingRules].filter(({ id }) =>
    document.findings.some(({ rule }) => rule === id),
  )
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Sallyport',
            version,
            rules: [...detectors.map(ruleOf), ...rules.map(findingRuleOf)],
          },
        },
        results: [
          ...document.signals.map(signal => ({
            ruleId: signal.detector,
            ruleIndex: detectors.indexOf(signal.detector),
            level: levels[signal.severity],
            message: { text: signal.message },
            locations: [
              { physicalLocation: { artifactLocation: { uri: artifactOf(signal.endpoint ?? 'unknown') } } },
            ],
            partialFingerprints: {
              endpointRuleHash: stableHash([signal.detector, signal.endpoint ?? '', signal.principal]),
            },
            properties: {
              tags: ['security', ...signal.owasp],
              principal: signal.principal,
              attempt: signal.attempt,
              evidence: signal.evidence,
            },
          })),
          ...document.findings.map(finding => ({
            ruleId: finding.rule,
            ruleIndex: detectors.length + rules.findIndex(({ id }) => id === finding.rule),
            level: levels[finding.severity],
            message: { text: `${finding.title}. ${finding.why}` },
            locations: [{ physicalLocation: { artifactLocation: { uri: artifactOf(finding.endpoint) } } }],
            partialFingerprints: { endpointRuleHash: stableHash([finding.id]) },
            properties: { tags: ['security', ...finding.owasp], evidence: finding.evidence },
          })),
        ],
      },
    ],
  }
}

function findingRuleOf({ id, title, summary, owasp }: (typeof driftRules | typeof findingRules)[number]) {
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: summary },
    properties: { tags: ['security', ...owasp] },
  }
}

/** Code scanning reads severity, text and tags of a rule, not of its results. */
function ruleOf(id: string) {
  const detector = registry.find(one => one.id === id)
  if (detector === undefined) return { id, name: id }
  return {
    id,
    name: detector.title,
    shortDescription: { text: detector.title },
    fullDescription: { text: detector.summary },
    help: { text: `When this is not an attack: ${detector.whenNotAnAttack}` },
    properties: {
      'security-severity': scores[detector.severity],
      tags: ['security', ...detector.owasp, ...detector.attack],
    },
  }
}

/** `GET api.example/orders/{id}` as a URI reference that no file has: `api/api.example/GET/orders/%7Bid%7D`. */
function artifactOf(endpoint: string): string {
  const [method = '', rest = ''] = endpoint.split(/ (.*)/s)
  const [host = '', ...path] = rest.split('/')
  return ['api', host, method, ...path].map(encodeURIComponent).join('/')
}
