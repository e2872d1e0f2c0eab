import { Kbd, Modal } from '@mantine/core'
import { destinations } from './destinations.ts'

const everywhere = [
  ['⌘ K', 'go to any page, incident, API or principal'],
  ['/', 'search on this page'],
  ['j  k', 'next and previous row'],
  ['o', 'open the row'],
  ['x', 'in the queue of incidents: select the row'],
  ['d  s', 'in the queue of incidents: dismiss what is selected, stop who is behind the row'],
  ['e', 'on an incident: the evidence of the step'],
  ['+ − 0', 'on a drawing: larger, smaller, all of it; arrows move it'],
  ['Esc', 'close what is open'],
  ['?', 'this list'],
] as const

export default function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard">
      <dl className="facts">
        {everywhere.map(([key, what]) => (
          <Line key={key} keys={key} what={what} />
        ))}
        {destinations.map(({ key, label }) => (
          <Line key={key} keys={`g ${key}`} what={label} />
        ))}
      </dl>
    </Modal>
  )
}

function Line({ keys, what }: { readonly keys: string; readonly what: string }) {
  return (
    <>
      <dt>
        {keys.split(/ +/).map(key => (
          <Kbd key={key} mr={4}>
            {key}
          </Kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  )
}
