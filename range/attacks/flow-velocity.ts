import { defineAttack } from '../world/attack.ts'

/** Every step in its place, far faster or oftener than a person. */
export default defineAttack({
  id: 'flow-velocity',
  title: 'a flow is gone through again and again by a program',
  owasp: ['API6:2023'],
  supports: ({ surface }) => surface.flow !== undefined,
  *play(attack) {
    const { app } = attack
    const member = yield* attack.member()
    const { flow } = app.surface
    if (flow === undefined || member === undefined) return
    const { client, visit } = member
    for (let left = attack.count({ loud: 25, medium: 14, stealthy: 9 }); left > 0; left -= 1) {
      yield* attack.acting(client, hurried(flow.run(visit), attack.by({ loud: 20, medium: 6, stealthy: 2 })))
      yield* attack.pause({ loud: 500, medium: 15_000, stealthy: 12 * 60_000 })
    }
  },
})

function* hurried(script: Generator<number, void, void>, factor: number): Generator<number, void, void> {
  for (const wait of script) yield wait > 400 ? wait / factor : wait
}
