import { celList, type PolicyTemplate, renderHead } from './template.ts'

export const leastPrivilege: PolicyTemplate<{
  readonly service: string
  /** Workloads that may call: `namespace/name`. */
  readonly callers: readonly string[]
}> = {
  id: 'least-privilege',
  title: 'Least privilege between services',
  summary: 'Lets only the named workloads call a service; everything else is denied.',
  defaults: { service: 'shop/orders', callers: ['shop/web'] },
  render: options => {
    const { service, callers } = { ...leastPrivilege.defaults, ...options }
    return `${renderHead('least-privilege', 'request', options ?? {}, { services: [service] })}  when: ${JSON.stringify(`!(source.workload in ${celList(callers)})`)}
  action: { type: block, status: 403 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This service does not take calls from here.
  tests:
    - name: a workload that is not named
      input: { source: { workload: ${JSON.stringify(`${callers[0] ?? 'a'}-other`)} } }
      expect: block
    - name: a caller whose workload is not known
      input: {}
      expect: block
    - name: a workload that may
      input: { source: { workload: ${JSON.stringify(callers[0] ?? '')} } }
      expect: ${callers.length === 0 ? 'block' : 'pass'}
    - name: another service
      input: { endpoint: { service: another } }
      expect: pass
`
  },
}
