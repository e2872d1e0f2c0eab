// `npm start` runs the demo; `npm start -- --upstream URL` protects an API of yours. Anything else is a command.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const given = process.argv.slice(2)
const first = given[0]
const command =
  first === undefined
    ? ['demo']
    : first.startsWith('-') && !['-h', '--help'].includes(first)
      ? commandFor(given)
      : given

function commandFor(options) {
  return options.some(option => /^--(upstream|config)(=|$)/.test(option))
    ? ['up', ...options]
    : ['demo', ...options]
}

const child = spawn(join(root, 'bin/sallyport'), command, { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + 15))
