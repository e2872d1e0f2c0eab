import { endpointShort } from '../format/names.ts'

interface OnlyEndpointProps {
  readonly id: string
  readonly onClear: () => void
}

/** Says that a list holds but what is of one endpoint, and takes that back. */
export function OnlyEndpoint({ id, onClear }: OnlyEndpointProps) {
  return (
    <p>
      Only those of <code className="mono">{endpointShort(id)}</code>.{' '}
      <button type="button" className="plain-button link" onClick={onClear}>
        Show all endpoints
      </button>
    </p>
  )
}
