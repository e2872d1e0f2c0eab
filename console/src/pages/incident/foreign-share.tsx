import type { SignalView } from '../../../../src/server/api/signal.ts'
import { useEndpoint } from '../../api/endpoints.ts'
import { foreignShare } from '../../format/foreign-share.ts'
import { percent } from '../../format/number.ts'
import { Pair } from '../../parts/pair.tsx'

/** How much of what they were answered belongs to others, beside how much that is for everybody. Needs both counts. */
export function ForeignShare({ signal }: { readonly signal: SignalView }) {
  const endpoint = useEndpoint(signal.endpoint ?? '', signal.endpoint !== undefined)
  const share = foreignShare(signal, endpoint.data?.callers)
  if (share === undefined) return null
  return (
    <Pair
      caption={share.sentence}
      whole={1}
      rows={[
        { who: 'here', of: 'observed', value: share.here, text: percent(share.here) },
        { who: 'normal', of: 'expected', value: share.usual, text: percent(share.usual) },
      ]}
    />
  )
}
