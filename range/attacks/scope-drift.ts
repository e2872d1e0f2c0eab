import { defineAttack } from '../world/attack.ts'

export default defineAttack({
  id: 'scope-drift',
  title: "a program's credential is used for what the program never did",
  owasp: ['API5:2023'],
  supports: ({ surface }) => (surface.services?.length ?? 0) > 0,
  *play(attack) {
    const { app, stream } = attack
    const service = stream.pick(app.surface.services ?? [])
    const own = service.client()
    const client = attack.client(own.device, own.network)
    client.key = own.key
    const foreign = [
      ...app.surface.privileged.map(one => () => one.ask(stream, client)),
      ...app.surface.resources.map(one => () => one.read(stream.pick(one.owned()).id)),
    ]
    for (let left = attack.count({ loud: 60, medium: 18, stealthy: 5 }); left > 0; left -= 1) {
      if (attack.level !== 'loud') yield* client.send(service.usual(stream))
      yield* attack.act(client, stream.pick(foreign)())
      yield* attack.pause()
    }
  },
})
