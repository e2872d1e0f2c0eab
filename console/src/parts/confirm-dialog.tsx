import { Button, Modal, Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { ProblemNote } from './problem-note.tsx'

interface ConfirmDialogProps {
  readonly title: string
  /** What will happen, to whom, and how it ends: a paragraph each. */
  readonly words: readonly string[]
  /** Asks why, and does nothing without an answer. */
  readonly reason?: { readonly label: string; readonly why: string } | undefined
  readonly confirm: string
  readonly danger?: boolean
  readonly pending: boolean
  readonly error: Error | null
  readonly children?: ReactNode
  readonly onConfirm: (reason: string | undefined) => void
  readonly onClose: () => void
}

/** Says in words what is about to happen before it does. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    title,
    words,
    reason,
    confirm,
    danger = false,
    pending,
    error,
    children,
    onConfirm,
    onClose,
  } = props
  const [text, setText] = useState('')
  const given = text.trim()
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <form
        className="stack"
        style={{ gap: 16 }}
        onSubmit={event => {
          event.preventDefault()
          if (reason === undefined || given !== '') onConfirm(reason === undefined ? undefined : given)
        }}
      >
        {words.map(paragraph => (
          <p key={paragraph}>{paragraph}</p>
        ))}
        {children}
        {reason !== undefined && (
          <>
            <p>{reason.why}</p>
            <Textarea
              label={reason.label}
              description="Kept in the audit log."
              rows={2}
              maxLength={2000}
              value={text}
              data-autofocus
              onChange={event => setText(event.currentTarget.value)}
            />
          </>
        )}
        {error !== null && <ProblemNote doing={title.replace(/\?$/, '')} error={error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(danger ? { color: 'danger' } : {})}
            loading={pending}
            disabled={reason !== undefined && given === ''}
            {...(reason === undefined ? { 'data-autofocus': true } : {})}
          >
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
