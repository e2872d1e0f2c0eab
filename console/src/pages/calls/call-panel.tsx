import { ActionIcon, CloseButton, CopyButton } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import type { CallView } from '../../../../src/server/api/call.ts'
import { useCall } from '../../api/calls.ts'
import type { CallFilter } from '../../format/call-filter.ts'
import { curlOf } from '../../format/curl.ts'
import { useEscape } from '../../hooks/escape.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { CallFacts } from './call-facts.tsx'
import { Message } from './message.tsx'
import { WhySection } from './why-section.tsx'

interface CallPanelProps {
  readonly id: string
  readonly filter: CallFilter
  readonly onFilter: (filter: CallFilter) => void
  readonly onClose: () => void
}

/** One call beside the list: who, what, and both messages as they were kept. */
export function CallPanel({ id, filter, onFilter, onClose }: CallPanelProps) {
  const call = useCall(id)
  useEscape(onClose)
  return (
    <aside className="call-panel" aria-label="Call">
      <div className="call-panel-head">
        <h2>Call</h2>
        {call.data !== undefined && <Copies call={call.data} />}
        <CloseButton aria-label="Close" onClick={onClose} />
      </div>
      <Loaded query={call} doing="Loading the call">
        {view => (
          <div className="stack" style={{ gap: 24 }}>
            <CallFacts call={view} filter={filter} onFilter={onFilter} />
            <WhySection key={view.id} call={view.id} raisedBy={view.detectors} />
            {view.request !== undefined && (
              <Message title="Request" message={view.request} size={view.requestBytes} />
            )}
            {view.response !== undefined && (
              <Message title="Response" message={view.response} size={view.responseBytes} />
            )}
            <p className="dim">
              Secrets were replaced before the call was kept: they cannot be revealed, here or anywhere.
            </p>
          </div>
        )}
      </Loaded>
    </aside>
  )
}

function Copies({ call }: { readonly call: CallView }) {
  return (
    <span className="row call-copies">
      <CopyAs label="curl" value={curlOf(call)} />
      <CopyAs label="JSON" value={JSON.stringify(call, undefined, 2)} />
    </span>
  )
}

function CopyAs({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="default"
          w="auto"
          px={8}
          size="md"
          onClick={copy}
          aria-label={`Copy as ${label}`}
        >
          {copied ? <Check size={13} /> : <Copy size={13} />}
          <span className="copy-label">{copied ? 'Copied' : label}</span>
        </ActionIcon>
      )}
    </CopyButton>
  )
}
