/** What a policy says to an attempt; `silent` where it is about other ends, other directions or other things. */
export type Verdict = 'allows' | 'denies' | 'silent'
