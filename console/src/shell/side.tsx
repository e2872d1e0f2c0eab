import { Search } from 'lucide-react'
import { Link, NavLink } from 'react-router'
import type { LiveState } from '../api/live.ts'
import { zoneName } from '../format/time.ts'
import { destinations } from './destinations.ts'
import { LiveLine } from './live-line.tsx'
import { Mark } from './mark.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

interface SideProps {
  readonly live: LiveState
  readonly openIncidents: number
  readonly onSearch: () => void
}

export function Side({ live, openIncidents, onSearch }: SideProps) {
  return (
    <div className="side">
      <Link to="/" className="brand">
        <Mark />
        Sallyport
      </Link>
      <button type="button" className="search-button" onClick={onSearch}>
        <Search size={14} aria-hidden="true" />
        Go to…
        <kbd>⌘K</kbd>
      </button>
      <nav className="nav" aria-label="Pages">
        {destinations.map(({ to, label, icon: Icon }) => (
          <NavLink key={to} to={to} end={to === '/'}>
            <Icon size={16} aria-hidden="true" />
            {label}
            {to === '/incidents' && openIncidents > 0 && (
              <span className="nav-count">
                {openIncidents}
                <span className="visually-hidden"> open</span>
              </span>
            )}
          </NavLink>
        ))}
      </nav>
      <div className="side-foot">
        <LiveLine state={live} />
        <span>times in {zoneName()}</span>
        <ThemeSwitch />
      </div>
    </div>
  )
}
