import type { PinView } from '../../../../src/server/api/pin.ts'
import { Template } from '../../parts/endpoint-link.tsx'
import { Section } from '../../parts/section.tsx'
import { PinLine } from './pin-line.tsx'

/** What people have said of places that no evidence speaks about now. */
export function OtherPins({ pins }: { readonly pins: readonly PinView[] }) {
  if (pins.length === 0) return null
  return (
    <Section title="Also decided" note="They hold for calls that are yet to come.">
      <ul className="reviews">
        {pins.map(pin => (
          <li key={pin.id} className="review">
            <p className="mono">
              {pin.host === '*' ? <span className="dim">every host </span> : pin.host}
              <Template template={pin.template} />
            </p>
            <PinLine pin={pin} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
