import { execFile, fork } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs, promisify } from 'node:util'
import { Redactor } from '../../../src/call/redactor.ts'
import { Enforcement } from '../../../src/enforce/enforcement.ts'
import { DecidingGuard } from '../../../src/engine/deciding-guard.ts'
import { createRing, RingWriter } from '../../../src/engine/ring.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { CounterSet } from '../../../src/kit/counters.ts'
import { ForwardAuth } from '../../../src/sensors/forward-auth/forward-auth.ts'
import { type Guard, pass } from '../../../src/sensors/guard.ts'
import { needsNothing } from '../../../src/sensors/recording-guard.ts'

/**
 * CPU of a forward-auth question, against a bare node:http server that answers 204: microseconds of the answering process for each request,
 * the median of rounds that alternate. `passing` asks nobody, `deciding` asks the gateway's guard without policies, and hands calls on.
 *
 * `node test/bench/decision-points/forward-auth.ts [--rounds 5]`, needs wrk.
 */
const variants = ['bare', 'passing', 'deciding', 'decision API'] as const
type Variant = (typeof variants)[number]
const token = 'a-token-of-the-decision-api'

const passing: Guard = {
  admit: () => ({ verdict: pass, needs: needsNothing, decideBody: () => pass, decideResponse: () => pass }),
  observe: () => {},
}

function deciding(): Guard {
  const ring = new RingWriter(createRing(1_048_576))
  return new DecidingGuard({
    redactor: new Redactor({ key: Buffer.alloc(32, 1) }),
    enforcement: new Enforcement({ clock: systemClock, instance: 'bench' }),
    hand: exchange => ring.write(exchange),
    counters: new CounterSet(),
  })
}

async function serve(variant: Variant): Promise<void> {
  let port: number
  if (variant === 'bare') {
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(204).end()
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    port = (server.address() as AddressInfo).port
  } else {
    const guard = variant === 'passing' ? passing : deciding()
    const point = await ForwardAuth.start({ token }, guard, systemClock, new CounterSet())
    port = Number(point.address.split(':')[1])
  }
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.on('disconnect', () => process.exit(0))
  process.send?.(port)
}

const headers = [
  'X-Original-Method: GET',
  'X-Original-URI: /orders/7?expand=items',
  'X-Original-Host: shop.example',
  'X-Forwarded-For: 192.0.2.7',
  'Accept: application/json',
  'User-Agent: bench/1.0',
  'Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789',
]

const script = `wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer ${token}"
wrk.body = [==[${JSON.stringify({
  source: { ip: '192.0.2.7' },
  destination: { host: 'shop.example' },
  request: {
    method: 'GET',
    target: '/orders/7?expand=items',
    headers: [
      ['accept', 'application/json'],
      ['user-agent', 'bench/1.0'],
      ['authorization', 'Bearer abcdefghijklmnopqrstuvwxyz0123456789'],
    ],
  },
})}]==]
`

async function measure(rounds: number): Promise<void> {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
  const folder = mkdtempSync('/tmp/forward-auth-bench-')
  writeFileSync(`${folder}/post.lua`, script)
  const servers = await Promise.all(
    variants.map(async variant => {
      const child = fork(import.meta.filename, ['serve', variant])
      const told = () => new Promise<unknown>(resolve => child.once('message', resolve))
      const port = (await told()) as number
      const cpu = async (): Promise<number> => {
        const answer = told()
        child.send('cpu')
        const { user, system } = (await answer) as NodeJS.CpuUsage
        return user + system
      }
      return { variant, child, port, cpu, costs: [] as number[] }
    }),
  )
  const run = promisify(execFile)
  for (let round = 0; round <= rounds; round += 1) {
    for (const { variant, port, cpu, costs } of servers) {
      const how =
        variant === 'decision API'
          ? ['-s', `${folder}/post.lua`, `http://127.0.0.1:${port}/v1/decide`]
          : [...headers.flatMap(header => ['-H', header]), `http://127.0.0.1:${port}/auth/nginx`]
      const before = await cpu()
      const { stdout } = await run('wrk', ['-t1', '-c16', '-d1s', ...how])
      const used = (await cpu()) - before
      const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? Number.NaN)
      if (/Non-2xx/.test(stdout)) throw new Error(`${variant} does not answer as it should: ${stdout}`)
      // The first round warms up.
      if (round > 0) costs.push(used / requests)
    }
  }
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
  const bare = median(servers[0]!.costs)
  for (const { variant, child, costs } of servers) {
    const cost = median(costs)
    console.log(
      `${variant.padEnd(14)} ${cost.toFixed(1)} µs CPU a request, ${(cost / bare).toFixed(2)} × bare`,
    )
    child.disconnect()
  }
  rmSync(folder, { recursive: true, force: true })
}

if (process.argv[2] === 'serve') await serve(process.argv[3] as Variant)
else {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
  await measure(Number(values.rounds))
}
