import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'bfla-endpoint',
  title: 'an ordinary account calls functions of a higher role',
  owasp: ['API5:2023'],
  supports: ({ surface }) => surface.privileged.some(({ verb }) => !verb),
  *play(attack) {
    const { app, stream } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    const functions = app.surface.privileged.filter(({ verb }) => !verb)
    for (let left = attack.count({ loud: 60, medium: 16, stealthy: 4 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy') yield* attack.blend(visit)
      yield* attack.act(client, stream.pick(functions).ask(stream, client))
      yield* attack.pause()
    }
  },
})
