import { parseArgs } from 'node:util'
import { systemClock } from '../../../src/kit/clock.ts'
import { Gateway } from '../../../src/sensors/gateway/gateway.ts'
import { openGuard, protectingGuard } from './guards.ts'

/** One gateway loop in a process of its own: `--protect on|off --port N --upstream URL`. Says `listening` once it is. */
const { values } = parseArgs({
  options: { protect: { type: 'string' }, port: { type: 'string' }, upstream: { type: 'string' } },
})
if (
  (values.protect !== 'on' && values.protect !== 'off') ||
  values.port === undefined ||
  values.upstream === undefined
) {
  process.stderr.write('usage: sallyport-process.ts --protect on|off --port N --upstream URL\n')
  process.exit(2)
}

const gateway = new Gateway(
  { host: '127.0.0.1', port: Number(values.port), upstream: new URL(values.upstream) },
  values.protect === 'on' ? protectingGuard() : openGuard(),
  systemClock,
)
await gateway.listen()
process.stdout.write('listening\n')
process.on('SIGTERM', () => {
  void gateway.close(0).then(() => process.exit(0))
})
