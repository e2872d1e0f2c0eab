import { FlaskConical, ShieldOff } from 'lucide-react'
import { Link } from 'react-router'
import { useBypass } from '../api/control.ts'

/** What must be known on every page: that traffic is simulated, and that nothing is being stopped. */
export function Banners({ demo }: { readonly demo: boolean }) {
  const bypass = useBypass()
  return (
    <>
      {bypass.data?.on === true && (
        <div className="banner" data-tone="warn" role="status">
          <ShieldOff size={16} aria-hidden="true" />
          <span>
            The kill switch is on: every call passes and no policy or quarantine acts.{' '}
            <Link to="/settings">Turn it off</Link>
          </span>
        </div>
      )}
      {demo && (
        <div className="banner" role="status">
          <FlaskConical size={16} aria-hidden="true" />
          <span>
            Demo: this traffic is simulated. The shop, its users and its attackers are not real; the detection
            is.
          </span>
        </div>
      )}
    </>
  )
}
