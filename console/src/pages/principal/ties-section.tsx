import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import type { LinkView } from '../../../../src/server/api/ties.ts'
import { percent, plural } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { Section } from '../../parts/section.tsx'
import './principal.css'

const most = 8

/** With what they were seen, and who else was seen with the same. An address that many share ties nobody. */
export function TiesSection({ principal }: { readonly principal: PrincipalView }) {
  const { ties } = principal
  if (ties === undefined) return <Addresses principal={principal} />
  const shared = ties.addresses.filter(address => address.shared).length
  return (
    <>
      <Section title="Tokens, devices and addresses">
        <div className="ties">
          <Ties title="Tokens" none="No token was seen." links={ties.tokens} />
          <Ties title="Devices" none="No device was told apart." links={ties.devices} />
          <Ties
            title="Addresses"
            none="No address was recorded."
            links={ties.addresses}
            to={name => callsPath({ principal: principal.id, ip: name, range: 'all' })}
            mark={name =>
              ties.addresses.some(address => address.name === name && address.shared) && (
                <span className="chip" title="More users come from here than one person could be.">
                  shared
                </span>
              )
            }
          />
        </div>
        {shared > 0 && (
          <p className="dim">
            {shared === 1 ? 'One address is' : `${shared} addresses are`} shared by many (an office, a
            carrier, NAT): coming from there ties nobody to anybody.
          </p>
        )}
      </Section>
      <Section
        title="Linked principals"
        note={ties.linked.length > 0 ? plural(ties.linked.length, 'other') : undefined}
      >
        {ties.linked.length === 0 ? (
          <p className="dim">Nobody else was seen with their tokens, devices, or addresses of their own.</p>
        ) : (
          <ul className="linked">
            {ties.linked.map(one => (
              <li key={`${one.principal} ${one.name}`}>
                <PrincipalLink id={one.principal} kind />
                <span>
                  same {one.by} <code className="mono">{one.name}</code>
                </span>
                <span className="dim" title="1 for a token; less the more share a device or an address">
                  {percent(one.strength)} sure
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}

interface TiesProps {
  readonly title: string
  readonly none: string
  readonly links: readonly LinkView[]
  readonly to?: (name: string) => string
  readonly mark?: (name: string) => ReactNode
}

function Ties({ title, none, links, to, mark }: TiesProps) {
  return (
    <div>
      <h3>
        {title} {links.length > 0 && <span className="dim">{links.length}</span>}
      </h3>
      {links.length === 0 && <p className="dim">{none}</p>}
      <ul>
        {links.slice(0, most).map(link => (
          <li key={link.name}>
            <span className="row ties-name">
              {to === undefined ? (
                <code className="mono">{link.name}</code>
              ) : (
                <Link className="mono" to={to(link.name)}>
                  {link.name}
                </Link>
              )}
              {mark?.(link.name)}
            </span>
            <span className="dim">
              {plural(link.calls, 'call')}, last <Moment at={link.lastSeen} />
            </span>
          </li>
        ))}
      </ul>
      {links.length > most && <p className="dim">and {links.length - most} more</p>}
    </div>
  )
}

/** While analysis does not answer: what is counted anyway. */
function Addresses({ principal }: { readonly principal: PrincipalView }) {
  return (
    <Section title="Where from">
      <p className="row">
        {principal.addresses.length === 0 && <span className="dim">No address was recorded.</span>}
        {principal.addresses.slice(0, 12).map(address => (
          <Link
            key={address}
            className="chip mono"
            to={callsPath({ principal: principal.id, ip: address, range: 'all' })}
          >
            {address}
          </Link>
        ))}
        {principal.devices > 0 && (
          <span className="dim">{plural(principal.devices, 'kind of client', 'kinds of client')}</span>
        )}
      </p>
    </Section>
  )
}
