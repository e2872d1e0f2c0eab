import { type PolicyTemplate, renderHead } from './template.ts'

export const sequenceGuard: PolicyTemplate<{
  /** `METHOD /path` of what has to be done first. */
  readonly predecessor: string
}> = {
  id: 'sequence-guard',
  title: 'Sequence guard',
  summary: 'Refuses a step whose caller did not take the step before it within the last hour.',
  defaults: { predecessor: 'POST /cart' },
  render: options => {
    const { predecessor } = { ...sequenceGuard.defaults, ...options }
    const endpoints = options?.endpoints ?? ['POST /checkout', 'POST /**/checkout']
    return `${renderHead('sequence-guard', 'flow', { ...options, endpoints })}  when: ${JSON.stringify(`!flow.done(${JSON.stringify(predecessor)})`)}
  action: { type: block, status: 409 }
  mode: ${options?.mode ?? 'shadow'}
  reason: A step before this one is missing.
  tests:
    - name: without the step before
      input: { identity: { name: mallory } }
      expect: block
    - name: a minute after it
      input: { identity: { name: alice }, flow: { ${JSON.stringify(predecessor)}: 60 } }
      expect: pass
`
  },
}
