import { randomUUID } from 'node:crypto'

export interface FalcoAlert {
  readonly namespace: string
  readonly pod: string
  readonly rule: string
  /** `output_fields` besides the pod. */
  readonly fields: Readonly<Record<string, string | number>>
}

/** Posts an alert as Falco does with `json_output` and `http_output`. @param runtime Base URL of the receiver. */
export async function falcoAlert(
  runtime: string,
  { namespace, pod, rule, fields }: FalcoAlert,
): Promise<void> {
  const answer = await fetch(`${runtime}/falco`, {
    method: 'POST',
    body: JSON.stringify({
      uuid: randomUUID(),
      time: new Date().toISOString(),
      rule,
      priority: 'Notice',
      source: 'syscall',
      hostname: 'node-1',
      tags: ['container'],
      output_fields: { 'k8s.ns.name': namespace, 'k8s.pod.name': pod, ...fields },
    }),
  })
  await answer.text()
  if (!answer.ok) throw new Error(`The runtime sensor answered ${answer.status}.`)
}
