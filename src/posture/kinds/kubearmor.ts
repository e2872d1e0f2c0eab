import { connections, touches } from '../attempt.ts'
import type { Evidence, Touched } from '../evidence.ts'
import type { ExplainedLine } from '../manifest.ts'
import { counted, howOften } from '../words.ts'
import { observedMetadata, selectorLines } from './observed.ts'
import { shortName } from './peer-sentence.ts'
import type { PolicyKind } from './policy-kind.ts'

/** Files of one directory that are listed one by one; of more, the directory is. */
const maxFiles = 10
/** The same for directories right below the root: to open one of them is a lot. */
const maxTopFiles = 100
/** A path as the definition takes it. */
const maxPath = 200

/** KubeArmorPolicy, security.kubearmor.com/v1: programs, files and protocols, where a runtime sensor told them. */
export const kubearmor: PolicyKind = {
  id: 'kubearmor',
  title: 'KubeArmorPolicy',
  kind: 'KubeArmorPolicy',
  concerns: evidence =>
    evidence.ran.length + evidence.opened.length === 0
      ? []
      : [...touches(evidence), ...connections(evidence)],
  generate: evidence => {
    const { subject, ran, opened, inbound, outbound, options } = evidence
    if (ran.length === 0 && opened.length === 0) return []
    const lines: ExplainedLine[] = []
    const notes: string[] = []
    const process = processes(evidence, lines, notes)
    const file = files(evidence, lines, notes)
    const kept = [...inbound, ...outbound].filter(({ seen }) => seen.standing === 'kept')
    const matchProtocols: object[] = []
    if (kept.length > 0) {
      for (const protocol of ['tcp', 'udp'] as const) {
        const using = kept.filter(({ transport }) => transport.toLowerCase() === protocol)
        if (using.length === 0 && protocol === 'tcp') continue
        lines.push({
          path: ['spec', 'network', 'matchProtocols', matchProtocols.length],
          why:
            using.length === 0
              ? 'names are looked up over UDP; always kept'
              : `${counted(using.length, 'other end')} in ${counted(options.days, 'day')}`,
        })
        matchProtocols.push({ protocol })
      }
    }
    notes.push(
      'What is not listed is only recorded or refused as the namespace says (kubearmor-file-posture, kubearmor-network-posture): begin with audit.',
    )
    if (ran.length === 0) notes.push('No program was seen to run: programs stay open.')
    if (opened.length === 0) notes.push('No file was seen to be opened: files stay open.')
    lines.push(...selectorLines(subject, ['spec', 'selector']))
    return [
      {
        document: {
          apiVersion: 'security.kubearmor.com/v1',
          kind: 'KubeArmorPolicy',
          metadata: observedMetadata(subject),
          spec: {
            selector: { matchLabels: subject.labels ?? {} },
            ...(process.length === 0 ? {} : { process: { matchPaths: process } }),
            ...(Object.keys(file).length === 0 ? {} : { file }),
            ...(matchProtocols.length === 0 ? {} : { network: { matchProtocols } }),
            action: 'Allow',
          },
        },
        lines,
        notes,
      },
    ]
  },
}

function processes(
  { ran, subject, options }: Evidence,
  lines: ExplainedLine[],
  notes: string[],
): readonly object[] {
  const paths: object[] = []
  for (const { path, seen } of ran) {
    if (seen.standing !== 'kept') continue
    if (!isWritable(path)) {
      notes.push(`Not allowed here, since its path cannot be written: ${path}.`)
      continue
    }
    lines.push({
      path: ['spec', 'process', 'matchPaths', paths.length],
      why: `${shortName(subject)} runs it: ${howOften(seen, options)}`,
    })
    paths.push({ path })
  }
  return paths
}

/** What the definition takes: absolute, no slash at the end, at most 200 characters. */
const isWritable = (path: string): boolean =>
  path.length <= maxPath && /^\/.*[^/]$/.test(path) && !path.includes('\n')

function files({ opened, subject, options }: Evidence, lines: ExplainedLine[], notes: string[]): object {
  const kept = opened.filter(({ path, seen }) => {
    if (seen.standing !== 'kept') return false
    if (isWritable(path)) return true
    if (!path.endsWith('/')) notes.push(`Not allowed here, since its path cannot be written: ${path}.`)
    return false
  })
  const directories = crowded(kept)
  const within = (path: string): string | undefined => directories.find(dir => path.startsWith(dir))
  const matchPaths: object[] = []
  for (const { path, writes, seen } of kept) {
    if (within(path) !== undefined) continue
    lines.push({
      path: ['spec', 'file', 'matchPaths', matchPaths.length],
      why: `${shortName(subject)} ${writes ? 'writes' : 'reads'} it: ${howOften(seen, options)}`,
    })
    matchPaths.push({ path, ...(writes ? {} : { readOnly: true }) })
  }
  const matchDirectories = directories.map((dir, index) => {
    const inside = kept.filter(({ path }) => within(path) === dir)
    const writes = inside.some(one => one.writes)
    lines.push({
      path: ['spec', 'file', 'matchDirectories', index],
      why: `${shortName(subject)} ${writes ? 'writes' : 'reads'} ${counted(inside.length, 'file')} in it`,
    })
    return { dir, recursive: true, ...(writes ? {} : { readOnly: true }) }
  })
  return {
    ...(matchPaths.length === 0 ? {} : { matchPaths }),
    ...(matchDirectories.length === 0 ? {} : { matchDirectories }),
  }
}

/** Directories, each with a slash at its end, of which so many files were opened that they are not listed. None holds another. */
function crowded(kept: readonly Touched[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { path } of kept)
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const dir = path.slice(0, slash + 1)
      counts.set(dir, (counts.get(dir) ?? 0) + 1)
    }
  const many = [...counts]
    .filter(
      ([dir, files]) =>
        files > (dir.indexOf('/', 1) === dir.length - 1 && dir !== '/tmp/' ? maxTopFiles : maxFiles),
    )
    .map(([dir]) => dir)
  // The deepest that holds all of them; of several, each.
  const narrow = many.filter(dir => {
    const deeper = many.filter(other => other !== dir && other.startsWith(dir))
    const covered = kept.filter(({ path }) => deeper.some(one => path.startsWith(one))).length
    return (counts.get(dir) ?? 0) - covered > maxFiles || deeper.length === 0
  })
  return narrow.filter(dir => !narrow.some(other => other !== dir && dir.startsWith(other))).sort()
}
