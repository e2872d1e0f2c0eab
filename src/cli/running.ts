import { existsSync } from 'node:fs'
import type { Config } from '../engine/config.ts'
import { System } from '../engine/system.ts'
import { systemClock } from '../kit/clock.ts'
import { ensureAdminToken } from '../server/admin-token.ts'
import { ApiServer } from '../server/server.ts'
import { consoleDirectory } from './console-directory.ts'
import type { Io } from './io.ts'

/** A whole Sallyport in this process: threads, stores, API and console. */
export interface Running {
  readonly system: System
  readonly url: string
  /** A link that signs in once. */
  signInLink(): string
  close(): Promise<void>
}

/** Starts everything `config` asks for. What was started is closed again when a later part fails. */
export async function startSallyport(
  config: Config,
  io: Io,
  options: { readonly demo: boolean },
): Promise<Running> {
  const system = await System.start({
    config,
    clock: systemClock,
    demo: options.demo,
    log: line => io.say(line),
  })
  try {
    const admin = await ensureAdminToken(system.state, systemClock, io.environment)
    const server = new ApiServer({
      host: config.server.host,
      port: config.server.port,
      allowedHosts: config.server.allowedHosts,
      backend: system,
      log: line => io.say(line),
      ...(existsSync(consoleDirectory) ? { consoleDirectory } : {}),
    })
    const { url } = await server.listen()
    if (admin.created && admin.token !== undefined) {
      io.say(`API token (admin), shown this once:  ${admin.token}`)
      io.say('  → for the command line:  export SALLYPORT_TOKEN=<that token>')
    }
    return {
      system,
      url,
      signInLink: () => `${url}/sign-in?code=${server.issueSignInCode()}`,
      close: async () => {
        await server.close()
        await system.close()
      },
    }
  } catch (thrown) {
    await system.close()
    throw thrown
  }
}
