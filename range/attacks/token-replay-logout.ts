import { defineAttack } from '../world/attack.ts'

/** Taken from a shared computer's memory or a proxy's log before its owner signed out. */
export default defineAttack({
  id: 'token-replay-logout',
  title: 'a token is used after its owner signed out',
  owasp: ['API2:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const [victim] = attack.victims(1)
    if (victim === undefined) return
    const { client: own, visit } = attack.as(victim)
    if (!(yield* attack.signIn(own, victim))) return
    yield* attack.blend(visit)
    const stolen = own.held
    if (stolen === undefined) return
    yield* own.send({ method: 'POST', path: world.at(world.accounts.paths.logout) })
    yield stream.between(20_000, 4 * 60_000)
    const thief = attack.outsider()
    thief.held = { ...stolen, refresh: undefined }
    const resource = stream.pick(app.surface.resources)
    const asks = [
      { method: 'GET', path: world.at(world.accounts.paths.me) },
      ...(resource.list === undefined ? [] : [resource.list(0)]),
    ]
    for (let left = attack.count({ loud: 60, medium: 15, stealthy: 4 }); left > 0; left -= 1) {
      yield* attack.act(thief, stream.pick(asks))
      // Within the life of the token.
      yield* attack.pause({ loud: 400, medium: 20_000, stealthy: 3 * 60_000 })
    }
  },
})
