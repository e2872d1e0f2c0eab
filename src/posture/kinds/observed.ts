import { kubernetesName } from '../kubernetes-name.ts'
import type { ExplainedLine } from '../manifest.ts'
import type { Party } from '../party.ts'
import { assumptions, shortName } from './peer-sentence.ts'

/** The name and namespace of a policy that was learned for a workload. */
export const observedMetadata = (subject: Party): { readonly name: string; readonly namespace?: string } => ({
  name: kubernetesName(shortName(subject), 'observed'),
  ...(subject.namespace === undefined ? {} : { namespace: subject.namespace }),
})

/** What is said of its selector where nobody told the labels or the namespace. */
export const selectorLines = (subject: Party, path: readonly string[]): readonly ExplainedLine[] =>
  assumptions(subject, [], false).map(why => ({ path, why }))
