/** Changes follow one another: each reads what the one before has kept. */
let turn: Promise<unknown> = Promise.resolve()

export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const mine = turn.then(work)
  turn = mine.catch(() => undefined)
  return mine
}
