import { Link } from 'react-router'
import type { OverviewView } from '../../../../src/server/api/overview.ts'
import { count } from '../../format/number.ts'

export function Figures({ totals }: { readonly totals: OverviewView['totals'] }) {
  const figures = [
    { to: '/apis', value: totals.endpoints, label: 'endpoints' },
    { to: '/apis?inventory=candidate', value: totals.candidates, label: 'not yet certain' },
    { to: '/principals', value: totals.principals, label: 'principals' },
    { to: '/calls', value: totals.calls, label: 'calls' },
  ]
  return (
    <div className="figures">
      {figures.map(figure => (
        <Link key={figure.label} to={figure.to} className="figure">
          <b>{count(figure.value)}</b>
          <span>{figure.label}</span>
        </Link>
      ))}
    </div>
  )
}
