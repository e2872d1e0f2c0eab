import { defineAttack, foreignObject } from '../world/attack.ts'

/** Where ids count up they are counted down; where they do not, lists that leak them are walked in order. */
export default defineAttack({
  id: 'bola-enumeration',
  title: 'an account walks through the ids of a kind of object in order',
  owasp: ['API1:2023', 'API4:2023'],
  supports: ({ surface }) => surface.resources.some(({ owned }) => /^\d+$/.test(owned()[0]?.id ?? '')),
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    const counted = app.surface.resources.filter(({ owned }) => /^\d+$/.test(owned()[0]?.id ?? ''))
    const resource = stream.pick(counted)
    const numbers = resource.owned().map(({ id }) => Number(id))
    let next = numbers[stream.int(0, numbers.length - 1)] ?? 1
    for (let left = attack.count({ loud: 260, medium: 90, stealthy: 28 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.4)) yield* attack.blend(visit)
      yield* attack.act(client, resource.read(String(next), client), foreignObject)
      next += 1
      yield* attack.pause({ loud: 250, medium: 12_000, stealthy: 35 * 60_000 })
    }
  },
})
