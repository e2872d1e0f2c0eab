import { useMemo } from 'react'
import { useEndpoints } from '../../api/endpoints.ts'
import { usePolicyLanguage } from '../../api/policies.ts'
import { usePrincipals } from '../../api/principals.ts'
import { endpointParts } from '../../format/names.ts'
import type { Vocabulary } from '../../format/policy-completion.ts'

/** What an editor offers: the language, and what the catalog knows of endpoints, hosts, roles and data. */
export function useVocabulary(): Vocabulary | undefined {
  const language = usePolicyLanguage().data
  const endpoints = useEndpoints().data?.pages
  const principals = usePrincipals('').data?.items
  return useMemo(() => {
    if (language === undefined) return undefined
    const known = endpoints?.flatMap(page => page.items) ?? []
    const parts = known.map(({ id }) => endpointParts(id))
    const sorted = (values: Iterable<string>): readonly string[] =>
      [...new Set(values)].filter(Boolean).sort()
    return {
      language,
      endpoints: sorted(
        parts.filter(({ method }) => method !== '').map(({ method, template }) => `${method} ${template}`),
      ),
      hosts: sorted(parts.map(({ host }) => host)),
      roles: sorted(principals?.flatMap(({ roles }) => roles) ?? []),
      dataClasses: sorted(
        known.flatMap(({ dataClasses }) => [...dataClasses.request, ...dataClasses.response]),
      ),
    }
  }, [language, endpoints, principals])
}
