import { FlaskConical, ShieldOff } from 'lucide-react'
import { Link } from 'react-router'
import { useBypass } from '../api/control.ts'
import { listed } from '../format/number.ts'

/** What must be known on every page: that traffic is simulated, and that nothing is being stopped. */
export function Banners({ demo }: { readonly demo: boolean }) {
  const { data: bypass } = useBypass()
  const isOn = bypass?.on === true || bypass?.local.all === true
  const aside = [...new Set([...(bypass?.policies ?? []), ...(bypass?.local.policies ?? [])])]
  return (
    <>
      {isOn && (
        <div className="banner" data-tone="warn" role="status">
          <ShieldOff size={16} aria-hidden="true" />
          <span>
            The kill switch is on: every call passes and no policy or quarantine acts.{' '}
            {bypass?.local.all === true ? (
              <>
                It is held on by <code>{bypass.local.file}</code> or <code>SALLYPORT_BYPASS</code>.
              </>
            ) : (
              <Link to="/policies#kill-switch">Turn it off</Link>
            )}
          </span>
        </div>
      )}
      {!isOn && aside.length > 0 && (
        <div className="banner" data-tone="warn" role="status">
          <ShieldOff size={16} aria-hidden="true" />
          <span>
            {listed(aside, 4)} {aside.length === 1 ? 'is' : 'are'} set aside by the kill switch and{' '}
            {aside.length === 1 ? 'does' : 'do'} not act. <Link to="/policies">Look at the policies</Link>
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
