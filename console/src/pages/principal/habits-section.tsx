import { Link } from 'react-router'
import type { HabitsView } from '../../../../src/server/api/habits.ts'
import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import { dayName, habitPairs, habitsSentence, hourCells, hourRanges } from '../../format/habits.ts'
import { plural } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pair } from '../../parts/pair.tsx'
import { Section } from '../../parts/section.tsx'
import './principal.css'

/** Today against their own days: in words, then volume, endpoints and hours as small pictures. */
export function HabitsSection({ principal }: { readonly principal: PrincipalView }) {
  const { habits } = principal
  return (
    <Section
      title="Is this how they usually behave?"
      note={
        habits?.normal !== undefined && `normal is the middle of ${plural(habits.normal.days, 'day')} before`
      }
    >
      {habits === undefined ? (
        <p className="dim">Their habits cannot be told at the moment: the analysis does not answer.</p>
      ) : (
        <>
          <p className="habits-lead">{habitsSentence(habits)}</p>
          <Pictures habits={habits} />
        </>
      )}
    </Section>
  )
}

function Pictures({ habits }: { readonly habits: HabitsView }) {
  const day = dayName(habits)
  return (
    <div className="habits">
      {habitPairs(habits).map(pair => (
        <Pair
          key={pair.what}
          caption={pair.caption}
          rows={[
            {
              who: day,
              of: pair.beyond ? 'observed' : 'expected',
              value: pair.today,
              text: pair.text(pair.today),
            },
            { who: 'Normal', of: 'expected', value: pair.usual, text: pair.text(pair.usual) },
          ]}
        />
      ))}
      <Hours habits={habits} day={day} />
    </div>
  )
}

/** Which hours of the day: usual ones filled, those of today marked below, unusual ones by colour and shape. */
function Hours({ habits, day }: { readonly habits: HabitsView; readonly day: string }) {
  // Zones that lie half an hour apart are told in UTC: an hour there would be two halves.
  const minutes = -new Date().getTimezoneOffset()
  const offset = minutes % 60 === 0 ? minutes / 60 : 0
  const zone = minutes === 0 || minutes % 60 !== 0 ? 'UTC' : 'your time'
  const cells = hourCells(habits, offset)
  const usual = cells.filter(cell => cell.usual).map(({ hour }) => hour)
  const today = cells.filter(cell => cell.today).map(({ hour }) => hour)
  return (
    <figure className="hours">
      <figcaption>Hours with calls, {zone}</figcaption>
      <div className="hours-row" aria-hidden="true">
        {cells.map(cell => (
          <span
            key={cell.hour}
            data-usual={cell.usual}
            data-today={cell.today}
            data-unusual={cell.today && !cell.usual && habits.normal !== undefined}
          />
        ))}
      </div>
      <div className="hours-axis dim" aria-hidden="true">
        <span>00</span>
        <span>06</span>
        <span>12</span>
        <span>18</span>
        <span>24</span>
      </div>
      <p className="dim">
        {usual.length > 0 && <>Usually {hourRanges(usual)}. </>}
        {day}: {today.length === 0 ? 'none' : hourRanges(today)}.
      </p>
    </figure>
  )
}

/** What they were answered about lately, newest first. */
export function ObjectsSection({ principal }: { readonly principal: PrincipalView }) {
  const objects = principal.habits?.objects ?? []
  return (
    <Section
      title="Objects touched lately"
      note={objects.length > 0 ? `the newest ${objects.length}` : undefined}
    >
      {objects.length === 0 ? (
        <p className="dim">No single objects could be told apart in their calls.</p>
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th>Object</th>
              <th>Endpoint</th>
              <th>When</th>
              <th>Answer</th>
            </tr>
          </thead>
          <tbody>
            {objects.map(one => (
              <tr key={`${one.object} ${one.endpoint}`}>
                <td data-label="" className="mono">
                  <bdi>{one.object}</bdi>
                </td>
                <td data-label="Endpoint">
                  <EndpointLink id={one.endpoint} />
                </td>
                <td data-label="When">
                  <Link to={callsPath({ principal: principal.id, endpoint: one.endpoint, range: 'all' })}>
                    <Moment at={one.time} />
                  </Link>
                </td>
                <td data-label="Answer">
                  {one.refused ? <span className="chip">refused</span> : 'answered'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
