/** MITRE ATT&CK tactics in the order in which an intrusion usually goes through them. */
export const tactics = [
  'reconnaissance',
  'initial access',
  'execution',
  'persistence',
  'credential access',
  'privilege escalation',
  'discovery',
  'lateral movement',
  'collection',
  'command and control',
  'exfiltration',
  'impact',
] as const
export type Tactic = (typeof tactics)[number]

/** Techniques by the tactic they are used for here (ATT&CK Enterprise); without sub-techniques where all of them agree. */
const techniques: ReadonlyMap<string, Tactic> = new Map(
  Object.entries({
    T1592: 'reconnaissance',
    T1595: 'reconnaissance',
    T1195: 'initial access',
    T1190: 'initial access',
    T1078: 'initial access',
    'T1078.004': 'privilege escalation',
    T1059: 'execution',
    T1609: 'execution',
    T1610: 'execution',
    T1098: 'persistence',
    T1136: 'persistence',
    T1543: 'persistence',
    T1552: 'credential access',
    T1528: 'credential access',
    T1110: 'credential access',
    T1548: 'privilege escalation',
    T1611: 'privilege escalation',
    T1087: 'discovery',
    T1613: 'discovery',
    T1046: 'discovery',
    T1021: 'lateral movement',
    T1210: 'lateral movement',
    T1550: 'lateral movement',
    T1119: 'collection',
    T1213: 'collection',
    T1530: 'collection',
    T1071: 'command and control',
    T1090: 'command and control',
    T1105: 'command and control',
    T1020: 'exfiltration',
    T1030: 'exfiltration',
    T1041: 'exfiltration',
    T1048: 'exfiltration',
    T1567: 'exfiltration',
    T1496: 'impact',
    T1499: 'impact',
  } satisfies Record<string, Tactic>),
)

export const tacticOf = (technique: string): Tactic | undefined =>
  techniques.get(technique) ?? techniques.get(technique.slice(0, 5))

/** The stage that the first known technique stands for; undefined where none is known. */
export function stageOf(attack: readonly string[]): Tactic | undefined {
  for (const technique of attack) {
    const tactic = tacticOf(technique)
    if (tactic !== undefined) return tactic
  }
  return undefined
}

/** Stages that were gone through one after the other, counted along the order of time: 1 for one stage. */
export function stagesInOrder(stages: readonly Tactic[]): number {
  const ranks = stages.map(stage => tactics.indexOf(stage))
  // The longest rising run, not necessarily of neighbours.
  const best: number[] = []
  for (const [index, rank] of ranks.entries()) {
    let longest = 1
    for (let before = 0; before < index; before += 1)
      if (ranks[before]! < rank) longest = Math.max(longest, best[before]! + 1)
    best.push(longest)
  }
  return Math.max(0, ...best)
}
