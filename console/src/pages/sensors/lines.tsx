import { Button, CopyButton } from '@mantine/core'
import { Check, Copy } from 'lucide-react'

/** Lines to be pasted as they are. */
export function Lines({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className="stack">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its long lines are scrolled with the keys. */}
      <pre className="recipe" tabIndex={0}>
        {text}
      </pre>
      <div>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <Check size={14} /> : <Copy size={14} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
              <span className="visually-hidden"> {what}</span>
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  )
}
