import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'service-token-elsewhere',
  title: "a program's credential is used from somewhere else",
  owasp: ['API2:2023'],
  supports: ({ surface }) => (surface.services?.length ?? 0) > 0,
  *play(attack) {
    const { app, stream } = attack
    const service = stream.pick(app.surface.services ?? [])
    const own = service.client()
    // The patient copy the program's software too.
    const client = attack.client(attack.level === 'stealthy' ? own.device : attack.device(), attack.network())
    client.key = own.key
    for (let left = attack.count({ loud: 60, medium: 16, stealthy: 5 }); left > 0; left -= 1) {
      yield* attack.act(client, service.usual(stream))
      yield* attack.pause()
    }
  },
})
