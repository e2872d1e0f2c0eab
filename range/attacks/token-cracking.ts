import { defineAttack } from '../world/attack.ts'

/** Gift cards where there are some, else the codes that reset a password. */
export default defineAttack({
  id: 'token-cracking',
  title: 'codes that are worth something are guessed',
  owasp: ['API2:2023', 'API6:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const { vouchers } = app.surface
    const { accounts } = world
    const { person, client: own } = attack.insider()
    const client = vouchers === undefined ? attack.outsider() : own
    if (vouchers === undefined)
      yield* attack.act(client, {
        method: 'POST',
        path: world.at(accounts.paths.forgot),
        body: { [accounts.loginName]: person.account.email },
      })
    else if (!(yield* attack.signIn(client, person))) return
    for (let left = attack.count({ loud: 260, medium: 70, stealthy: 24 }); left > 0; left -= 1) {
      const ask =
        vouchers !== undefined
          ? vouchers.ask(vouchers.guess(stream))
          : {
              method: 'POST',
              path: world.at(accounts.paths.reset),
              body: {
                token: accounts.weakness.shortResets ? stream.digits(6) : stream.token(32),
                password: stream.token(12),
              },
            }
      yield* attack.act(client, ask)
      yield* attack.pause({ loud: 250, medium: 14_000, stealthy: 35 * 60_000 })
    }
  },
})
