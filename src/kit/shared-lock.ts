/** Turns of waiting at full speed: whoever holds a lock needs a few. */
const spins = 1_000
/** Naps of a millisecond after them: a holder that the system has put aside comes to its end meanwhile. */
const naps = 20

/**
 * Does `work` while no other thread does any under the same lock, the number at `at`: 0 where it is free. A thread that ended while it held
 * the lock keeps it closed for 20 ms, then it is taken over. `work` is to be short, must not wait for anything and must bear to be cut off.
 */
export function locked<Result>(numbers: Int32Array, at: number, work: () => Result): Result {
  for (let turn = 0; Atomics.compareExchange(numbers, at, 0, 1) !== 0; turn += 1) {
    if (turn >= spins + naps) break
    if (turn >= spins) Atomics.wait(numbers, at, 1, 1)
  }
  try {
    return work()
  } finally {
    Atomics.store(numbers, at, 0)
  }
}
