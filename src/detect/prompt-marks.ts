import type { Json } from '../call/content.ts'

/** Something in a text that speaks to a model and not to its reader. */
export interface PromptMark {
  /** `hidden text`, or the kind of instruction. */
  readonly what: string
  /** 0 to 1: how rarely it is anything else. */
  readonly confidence: number
}

/** Longer texts are looked at up to here; of one body, so many strings. */
const longest = 32_768
const mostTexts = 200

// Linear: bounded gaps only.
const rules: readonly (readonly [what: string, confidence: number, pattern: RegExp])[] = [
  [
    'an order to ignore instructions',
    0.9,
    /\b(?:ignore|disregard|forget|override)\s{1,3}(?:all\s{1,3}|any\s{1,3}|the\s{1,3}|your\s{1,3}|my\s{1,3}){0,3}(?:previous|prior|above|earlier|preceding|former|other|system|existing)\s{1,3}(?:instruction|prompt|rule|message|direction|guideline|command)/i,
  ],
  [
    'an order to keep something from the user',
    0.9,
    /\b(?:do not|don't|never|without)\s{1,3}(?:tell|telling|mention|mentioning|inform|informing|notify|notifying|show|showing|reveal|revealing|alert|alerting)\s{1,3}(?:this\s{1,3}|it\s{1,3}|anything\s{1,3}|that\s{1,3}|to\s{1,3}){0,3}(?:the\s{1,3})?(?:user|human|operator|owner)/i,
  ],
  [
    'markup of a conversation',
    0.85,
    /<\|(?:im_start|im_end|system|endoftext|start_header_id)\|>|\[\/?INST\]|<<SYS>>|<\/?(?:system|important|instructions?|admin)>/i,
  ],
  [
    'new instructions',
    0.8,
    /\b(?:new|updated|real|actual|hidden|secret)\s{1,3}(?:system\s{1,3})?(?:instructions?|prompt|task|objective)\s{0,3}[:=-]/i,
  ],
  [
    'an order to send data away',
    0.8,
    /\b(?:send|post|upload|forward|exfiltrate|e?mail|transmit|leak|export|copy|deliver)\b[^.\n]{0,80}\b(?:to|at|via)\s{1,3}(?:https?:\/\/|[\w.+-]{1,64}@)/i,
  ],
  [
    'an order to use a tool first',
    0.75,
    /\b(?:before|prior to|instead of)\s{1,3}(?:using|calling|answering|responding|doing|running|any)\b[^.\n]{0,80}\b(?:you must|must|always|first)\b[^.\n]{0,40}\b(?:call|use|read|run|invoke|execute|send|open)\b/i,
  ],
  [
    'a change of role',
    0.7,
    /\byou are (?:now|no longer)\s{1,3}(?:a |an |the |in )?(?:\w{1,20}\s{1,3}){0,2}(?:assistant|agent|admin|administrator|root|developer mode|mode|dan)\b/i,
  ],
]

/** What nobody sees: tags of U+E0000, and runs of characters without width or that turn the direction of writing. */
function hiddenIn(text: string): boolean {
  let unseen = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x200b) continue
    if (unit === 0xdb40) {
      const low = text.charCodeAt(at + 1)
      // Tag characters also end the flags of England, Scotland and Wales: those are short.
      if (low >= 0xdc00 && low <= 0xdc7f) unseen += 1
    } else if (
      (unit >= 0x200b && unit <= 0x200c) ||
      (unit >= 0x202a && unit <= 0x202e) ||
      (unit >= 0x2060 && unit <= 0x2069)
    )
      unseen += 1
    if (unseen > 8) return true
  }
  return false
}

/** The surest mark in a text. */
export function promptMarkIn(text: string): PromptMark | undefined {
  if (text.length < 12) return undefined
  const seen = text.length > longest ? text.slice(0, longest) : text
  if (hiddenIn(seen)) return { what: 'hidden text', confidence: 0.95 }
  for (const [what, confidence, pattern] of rules) if (pattern.test(seen)) return { what, confidence }
  return undefined
}

// Linear: bounded gaps only.
const asked =
  /\b(?:pass|include|put|add|insert|append|fill|provide|copy|paste|send|attach|set|write|give|repeat)\b[^.\n]{0,60}\b(?:conversations?|chat history|(?:system|user|original) (?:prompt|instructions?)|(?:previous|prior|earlier|all) (?:messages|results|answers|instructions)|(?:api|private|secret|access|ssh) keys?|passwords?|credentials|secrets|environment variables|(?:config|configuration|key|env|credentials?) files?)\b|\b(?:the|this|your) (?:assistant|model|agent|llm) (?:must|should|shall|has to|needs to|takes|reads|will|is to)\b|(?:^|[\s"'`(])(?:~|\/home\/\w{1,32}|\/root)?\/\.(?:ssh|aws|env|netrc|npmrc|kube|config)\b/i

/** Whether what is said of a tool's argument orders a model to put in what it knows, and does not say what the argument is. */
export const isOrderForArgument = (text: string): boolean => asked.test(text.slice(0, 4_096))

/** The surest mark in the strings of a body; at most 200 of them, eight levels deep. */
export function promptMarkOf(body: Json): PromptMark | undefined {
  let best: PromptMark | undefined
  let left = mostTexts
  const walk = (value: Json, depth: number): void => {
    if (left < 0 || value === null) return
    if (typeof value === 'string') {
      left -= 1
      const mark = promptMarkIn(value)
      if (mark !== undefined && mark.confidence > (best?.confidence ?? 0)) best = mark
    } else if (typeof value === 'object' && depth > 0)
      for (const child of Object.values(value) as Json[]) walk(child, depth - 1)
  }
  walk(body, 8)
  return best
}
