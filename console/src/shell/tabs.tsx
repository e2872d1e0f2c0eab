import { Ellipsis } from 'lucide-react'
import { NavLink } from 'react-router'
import { destinations } from './destinations.ts'

/** The menu at phone width: the four pages one needs there, and the palette for the rest. */
export function Tabs({
  openIncidents,
  onMore,
}: {
  readonly openIncidents: number
  readonly onMore: () => void
}) {
  return (
    <nav className="tabs" aria-label="Pages">
      {destinations.slice(0, 4).map(({ to, label, icon: Icon }) => (
        <NavLink key={to} to={to} end={to === '/'}>
          <Icon size={20} aria-hidden="true" />
          {label}
          {to === '/incidents' && openIncidents > 0 && <span className="nav-count">{openIncidents}</span>}
        </NavLink>
      ))}
      <button type="button" className="plain-button" onClick={onMore}>
        <Ellipsis size={20} aria-hidden="true" />
        More
      </button>
    </nav>
  )
}
