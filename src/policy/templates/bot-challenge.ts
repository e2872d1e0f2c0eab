import { type PolicyTemplate, renderHead } from './template.ts'

export const botChallenge: PolicyTemplate<{ readonly difficulty: number; readonly ttl: string }> = {
  id: 'bot-challenge',
  title: 'Bot challenge',
  summary: 'Makes callers without a credential do some hashing before they may log in or sign up.',
  defaults: { difficulty: 18, ttl: '10m' },
  render: options => {
    const { difficulty, ttl } = { ...botChallenge.defaults, ...options }
    const endpoints = options?.endpoints ?? ['POST /**/login', 'POST /**/signup', 'POST /**/password-reset']
    return `${renderHead('bot-challenge', 'request', { ...options, endpoints })}  when: identity.kind == "anonymous"
  action: { type: challenge, kind: proof-of-work, difficulty: ${difficulty}, ttl: ${ttl} }
  mode: ${options?.mode ?? 'shadow'}
  tests:
    - name: a caller without a credential
      input: { identity: { kind: anonymous, name: d1 } }
      expect: challenge
    - name: an application that shows its key
      input: { identity: { kind: apikey, name: app } }
      expect: pass
`
  },
}
