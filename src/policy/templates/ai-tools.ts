import { celList, type PolicyTemplate, renderHead, unlessRoles } from './template.ts'

export const aiTools: PolicyTemplate<{
  readonly tools: readonly string[]
  readonly models: readonly string[]
  readonly maxTokens: number
  readonly exemptRoles: readonly string[]
}> = {
  id: 'ai-tools',
  title: 'Tools and models',
  summary:
    'Lets callers use only the listed tools and models, and ask for answers of a bounded length, unless they have one of the roles.',
  defaults: {
    tools: ['search', 'find_order'],
    models: ['gpt-4o', 'gpt-4o-mini'],
    maxTokens: 4000,
    exemptRoles: ['admin'],
  },
  render: options => {
    const { tools, models, maxTokens, exemptRoles } = { ...aiTools.defaults, ...options }
    const known = exemptRoles[0]
    return `${renderHead('ai-tools', 'request', options ?? {}, { methods: ['POST'] })}  when: >-
    (ai.tools.exists(tool, !(tool in ${celList(tools)}))
    || (ai.model != "" && !(ai.model in ${celList(models)}))
    || ai.maxTokens > ${maxTokens.toFixed(1)})${unlessRoles(exemptRoles)}
  action: { type: block, status: 403 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This tool or model is not permitted here.
  tests:
    - name: a tool that is not listed
      input: { ai: { tool: delete_order, tools: [delete_order] } }
      expect: block
    - name: a model that is not listed
      input: { ai: { model: other } }
      expect: block
    - name: a listed tool
      input: { ai: { tool: ${tools[0] ?? 'none'}, tools: ${JSON.stringify(tools.slice(0, 1))} } }
      expect: pass
${
  known === undefined
    ? ''
    : `    - name: a role that may
      input: { identity: { name: root, roles: [${known}] }, ai: { tools: [delete_order] } }
      expect: pass
`
}`
  },
}
