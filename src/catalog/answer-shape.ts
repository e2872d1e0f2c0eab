import { type CallResponse, headerOf } from '../call/api-call.ts'
import { keptWhole } from '../kit/snapshot.ts'
import type { AnswerFacts } from './criticality.ts'
import type { LearnedMessages } from './messages.ts'

/** Keys of an answer that are looked at for lists: data stands beside few others. */
const maxKeys = 32

/** How much an endpoint gives at once, and whether it gives files. */
export class AnswerShape {
  private longestList = 0
  private attachments = 0

  /** Of a successful answer. */
  learn({ content, headers }: CallResponse): void {
    if (content.kind === 'json') this.longestList = Math.max(this.longestList, longestIn(content.value))
    if (/^\s{0,8}attachment\b/i.test(headerOf(headers, 'content-disposition') ?? '')) this.attachments += 1
  }

  absorb(other: AnswerShape): void {
    this.longestList = Math.max(this.longestList, other.longestList)
    this.attachments += other.attachments
  }

  facts({ responses }: LearnedMessages): AnswerFacts {
    return {
      mediaTypes: responses.filter(({ group }) => group === '2xx').map(({ mediaType }) => mediaType),
      longestList: this.longestList,
      attachments: this.attachments,
    }
  }

  static {
    keptWhole(AnswerShape, 'catalog/answer-shape', 1)
  }
}

/** At the top or up to two levels down, where GraphQL has its data. */
function longestIn(value: unknown, levels = 2): number {
  if (Array.isArray(value)) return value.length
  if (typeof value !== 'object' || value === null || levels === 0) return 0
  let longest = 0
  let keys = 0
  for (const key in value) {
    keys += 1
    if (keys > maxKeys) break
    longest = Math.max(longest, longestIn((value as Record<string, unknown>)[key], levels - 1))
  }
  return longest
}
