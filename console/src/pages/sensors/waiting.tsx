import { Check } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { CallView } from '../../../../src/server/api/call.ts'
import { watchCalls } from '../../api/live-calls.ts'
import { callsPath } from '../../format/paths.ts'

/** Tells whether it worked: the first call that arrives while this page is open. */
export function Waiting() {
  const [first, setFirst] = useState<CallView | undefined>(undefined)
  useEffect(() => watchCalls(batch => setFirst(before => before ?? batch[0])), [])
  return (
    <p className="waiting-first" role="status">
      {first === undefined ? (
        <span className="dim">Waiting for a call… send one, and it shows here.</span>
      ) : (
        <>
          <Check size={16} aria-hidden="true" /> A call has just arrived:{' '}
          <Link to={callsPath({ call: first.id, range: 'all' })} className="endpoint-name">
            {first.method} {first.host}
            {first.target}
          </Link>
        </>
      )}
    </p>
  )
}
