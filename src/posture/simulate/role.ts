import type { Attempt } from '../attempt.ts'
import type { ManifestDocument } from '../manifest.ts'
import { fields, items, texts } from './selector.ts'
import type { Verdict } from './verdict.ts'

/** What a binding and its Role say to an attempt of an account that is bound; of rights in other namespaces they say nothing. */
export function roleBindingVerdict(
  binding: ManifestDocument,
  attempt: Attempt,
  all: readonly ManifestDocument[],
): Verdict {
  const { namespace } = binding.metadata
  if (attempt.does !== 'exercise' || attempt.namespace !== namespace) return 'silent'
  const bound = items(binding.subjects).some(one => {
    const subject = fields(one)
    return subject.kind === 'ServiceAccount' && `${subject.namespace}/${subject.name}` === attempt.account
  })
  if (!bound) return 'silent'
  const named = fields(binding.roleRef).name
  const role = all.find(
    ({ kind, metadata }) => kind === 'Role' && metadata.name === named && metadata.namespace === namespace,
  )
  const has = (list: unknown, wanted: string): boolean =>
    texts(list).includes(wanted) || texts(list).includes('*')
  return items(role?.rules).some(one => {
    const { apiGroups, resources, verbs, resourceNames } = fields(one)
    const names = texts(resourceNames)
    return (
      has(apiGroups, '') &&
      has(resources, attempt.resource) &&
      has(verbs, attempt.verb) &&
      (names.length === 0 ||
        // The API server does not know a name before it creates, nor of what has none.
        (!['create', 'deletecollection'].includes(attempt.verb) &&
          attempt.name !== undefined &&
          names.includes(attempt.name)))
    )
  })
    ? 'allows'
    : 'denies'
}
