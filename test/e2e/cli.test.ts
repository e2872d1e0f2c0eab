import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { commandLine, examplesOf, runCommandLine } from '../../src/cli/command-line.ts'
import type { Io } from '../../src/cli/io.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import { wordsOf } from './command-words.ts'
import { bin, run, temporaryFolder } from './started.ts'

const root = resolve(import.meta.dirname, '../..')
const recording = join(root, 'test/fixtures/shop-recording.jsonl')
const folder = temporaryFolder()
afterAll(() => folder.remove())

const written = (name: string, text: string): string => {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

const heard: string[] = []
const io: Io = {
  environment: {},
  colour: false,
  width: 120,
  out: text => void heard.push(text),
  say: text => void heard.push(text),
  stopped: new AbortController().signal,
}

const pathOf = (command: Command): string =>
  command.parent === null ? '' : `${pathOf(command.parent as Command)} ${command.name()}`.trim()

const everyCommand = (command: Command): Command[] =>
  command.commands.flatMap(child => [child as Command, ...everyCommand(child as Command)])

/** The tree with every action taken out: parsing says which command a line reaches, and with what. */
function harmless(): { readonly program: Command; readonly reached: string[] } {
  const reached: string[] = []
  const program = commandLine(io)
  for (const command of everyCommand(program))
    if (command.commands.length === 0) command.action(() => void reached.push(pathOf(command)))
  return { program, reached }
}

const commands = everyCommand(commandLine(io))

/** What would colour a terminal or move its cursor. */
const escapes = '\u001b'

describe('the help', () => {
  it('has a summary and an example for every command and subcommand', () => {
    for (const command of commands) {
      expect(command.description(), pathOf(command)).toMatch(/\S{2}/)
      expect(examplesOf(command).length, `${pathOf(command)} has no example`).toBeGreaterThan(0)
      for (const option of command.options) expect(option.description, option.flags).toMatch(/\S/)
    }
    expect(commands.length).toBeGreaterThan(25)
  })

  it('prints them, for every command and subcommand', async () => {
    let asked = 0
    for (const command of commands) {
      const path = pathOf(command)
      heard.length = 0
      expect(await runCommandLine([...path.split(' '), '--help'], io), path).toBe(0)
      const text = heard.join('')
      expect(text).toContain(`Usage: sallyport ${path}`)
      const [, examples = ''] = text.split('\nExamples:\n')
      const lines = examples.split('\n').filter(line => line.startsWith('  $ '))
      expect(lines.map(line => line.slice(4))).toEqual(examplesOf(command))
      asked += 1
    }
    expect(asked).toBe(commands.length)
  })

  it('gives examples that the command line takes', async () => {
    let taken = 0
    for (const command of commands) {
      for (const example of examplesOf(command)) {
        const [name, ...words] = wordsOf(example)
        expect(name, example).toBe('sallyport')
        const { program, reached } = harmless()
        heard.length = 0
        await program.parseAsync([...words], { from: 'user' }).catch((thrown: unknown) => {
          throw new Error(`${example}: ${String(thrown)} ${heard.join(' ')}`)
        })
        expect(reached, example).toHaveLength(1)
        expect(`${reached[0]} `.startsWith(`${pathOf(command)} `), example).toBe(true)
        taken += 1
      }
    }
    expect(taken).toBeGreaterThan(commands.length)
  })

  it('gives the command lines of the start that are taken too', async () => {
    const { stdout } = await run(['--help'])
    const lines = [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(match => match[1] as string)
    for (const line of lines) {
      const { program, reached } = harmless()
      await program.parseAsync([...wordsOf(line).slice(1)], { from: 'user' })
      expect(reached).toHaveLength(1)
    }
    expect(lines.length).toBeGreaterThanOrEqual(2)
  })
})

describe('the program', () => {
  it('starts without what only recordings and the server need', () => {
    const heavy = /\/src\/(?:engine\/(?!local-bypass)|detect\/|sensors\/|server\/server|policy\/compile)/
    const { status, stdout, stderr } = spawnSync(
      join(root, 'node_modules/.bin/node'),
      [
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '--eval',
        `import { registerHooks } from 'node:module'
        registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) })
        await import(${JSON.stringify(pathToFileURL(join(root, 'src/cli/command-line.ts')).href)})`,
      ],
      { encoding: 'utf8' },
    )
    expect(status, stderr).toBe(0)
    const loaded = stdout.split('\n').filter(url => url.includes('/src/'))
    expect(loaded.length).toBeGreaterThan(30)
    expect(loaded.filter(url => heavy.test(url))).toEqual([])
  })

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('says what was meant', async () => {
    const rows: readonly (readonly [string[], RegExp])[] = [
      [['analyse'], /unknown command 'analyse'[\s\S]*Did you mean analyze\?/],
      [['incidents', 'lst'], /unknown command 'lst'[\s\S]*Did you mean list\?/],
      [['doctor', '--confg', 'x'], /unknown option '--confg'[\s\S]*Did you mean --config\?/],
      [['apis', 'list', '--format', 'xml'], /Allowed choices are table, json, yaml/],
    ]
    for (const [args, says] of rows) {
      const { code, stdout, stderr } = await run(args)
      expect(code, args.join(' ')).toBe(2)
      expect(stdout, args.join(' ')).toBe('')
      expect(stderr, args.join(' ')).toMatch(says)
    }
    expect(rows).toHaveLength(4)
  })

  const coloured: readonly (readonly string[])[] = [
    ['--help'],
    ['analyze', recording],
    ['analyze', '--frmat'],
    ['policy', 'lint', written('colour.yaml', 'kind: 1\n')],
  ]

  it('writes no escape sequences where it does not write to a terminal', async () => {
    for (const args of coloured) {
      for (const environment of [{ NO_COLOR: '1' }, { NO_COLOR: '', TERM: 'xterm-256color' }]) {
        const { stdout, stderr } = await run(args, environment)
        expect(stdout + stderr, args.join(' ')).not.toContain(escapes)
        expect(stdout + stderr, args.join(' ')).not.toBe('')
      }
    }
  })

  it.skipIf(!existsSync('/usr/bin/script'))('writes none to a terminal either where NO_COLOR is set', () => {
    for (const args of coloured) {
      const line = [bin, ...args].map(word => `'${word}'`).join(' ')
      const { stdout } = spawnSync('/usr/bin/script', ['-qec', line, '/dev/null'], {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', TERM: 'xterm-256color' },
      })
      expect(stdout, args.join(' ')).not.toContain(escapes)
      expect(stdout, args.join(' ')).toMatch(/\S/)
    }
  })
})

describe('analyze', () => {
  const formats = ['json', 'yaml', 'sarif', 'table'] as const
  const printed = new Map<string, Awaited<ReturnType<typeof run>>>()
  beforeAll(async () => {
    for (const format of formats) printed.set(format, await run(['analyze', recording, '--format', format]))
  })
  const textOf = (format: (typeof formats)[number]): string => printed.get(format)?.stdout ?? ''

  for (const format of formats) {
    it(`prints the recording as ${format}, the same bytes each time`, async () => {
      const again = await run(['analyze', recording, '--format', format])
      expect(again).toEqual(printed.get(format))
      expect(again.code).toBe(0)
      expect(again.stderr).toMatch(/shop-recording\.jsonl:20: The line is not JSON\.\n$/)
      // What changed on purpose is written anew with `vitest run -u`; read the difference before it is kept.
      await expect(again.stdout).toMatchFileSnapshot(join(root, `test/golden/shop-recording.${format}`))
    })
  }

  it('says the same in JSON and YAML', () => {
    const json: unknown = JSON.parse(textOf('json'))
    expect(parse(textOf('yaml'))).toEqual(json)
    expect(json).toMatchObject({ version: 1, calls: { read: 19, rejected: 1 } })
  })

  it('keeps the bodies of the recording to itself', () => {
    for (const format of formats) {
      expect(textOf(format), format).toContain('mallory')
      expect(textOf(format), format).not.toContain('@mail.example')
      expect(textOf(format), format).not.toContain('UNION')
    }
  })

  it('ends with what --fail-on says', async () => {
    const { incidents } = JSON.parse(textOf('json')) as { incidents: { severity: string }[] }
    expect(incidents.map(({ severity }) => severity)).toEqual(['high'])
    const rows: readonly (readonly [string, number])[] = [
      ['info', 1],
      ['medium', 1],
      ['high', 1],
      ['critical', 0],
      ['worst', 2],
    ]
    for (const [severity, exit] of rows) {
      const { code, stderr } = await run(['analyze', recording, '--fail-on', severity])
      expect(code, `${severity}: ${stderr}`).toBe(exit)
    }
    const quiet = written('quiet.jsonl', `${readFileSync(recording, 'utf8').split('\n')[0]}\n`)
    expect((await run(['analyze', quiet, '--fail-on', 'info'])).code).toBe(0)
    expect(rows).toHaveLength(5)
  })

  it('raises nothing from what it only learns from', async () => {
    const { code, stdout } = await run([
      ...['analyze', written('empty.jsonl', ''), '--learn', recording, '--format', 'json'],
      ...['--fail-on', 'info'],
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ calls: { read: 19, rejected: 1 }, signals: [], incidents: [] })
  })

  it('names the endpoint of each call where that is asked for', async () => {
    const { stdout } = await run(['analyze', recording, '--assignments', '--format', 'json'])
    const { assignments } = JSON.parse(stdout) as { assignments: [string, string][] }
    expect(assignments).toHaveLength(19)
    expect(assignments[0]).toEqual(['c-01', 'GET api.shop.example/orders/{orderId}'])
    expect(assignments.at(-1)).toEqual(['c-19', 'GET api.shop.example/products'])
  })
})

describe('the SARIF of analyze', () => {
  interface Sarif {
    readonly $schema: string
    readonly version: string
    readonly runs: readonly {
      readonly tool: {
        readonly driver: { readonly name: string; readonly version: string; readonly rules: { id: string }[] }
      }
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly level: string
        readonly message: { readonly text: string }
        readonly locations: readonly {
          readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } }
        }[]
        readonly partialFingerprints: Readonly<Record<string, string>>
      }[]
    }[]
  }

  it('has what SARIF 2.1.0 requires (sections 3.13, 3.14, 3.19, 3.27, 3.49)', async () => {
    const { stdout } = await run(['analyze', recording, '--format', 'sarif'])
    const sarif = JSON.parse(stdout) as Sarif
    expect(sarif.version).toBe('2.1.0')
    expect(sarif.$schema).toMatch(/sarif.*2\.1\.0/)
    expect(sarif.runs).toHaveLength(1)
    let results = 0
    for (const { tool, results: all } of sarif.runs) {
      expect(tool.driver.name).toBe('Sallyport')
      expect(tool.driver.version).toMatch(/^\d+\.\d+\.\d+/)
      const ids = tool.driver.rules.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const result of all) {
        results += 1
        expect(result.message.text).toMatch(/\S/)
        expect(ids[result.ruleIndex]).toBe(result.ruleId)
        expect(['none', 'note', 'warning', 'error']).toContain(result.level)
        for (const { physicalLocation } of result.locations) {
          const { uri } = physicalLocation.artifactLocation
          expect(URL.canParse(uri, 'file:///'), uri).toBe(true)
          expect(uri).toMatch(/^[A-Za-z0-9%/._~!$&'()*+,;=:@-]+$/)
        }
        for (const print of Object.values(result.partialFingerprints)) expect(print).toMatch(/^[0-9a-f]{16}$/)
      }
    }
    expect(results).toBeGreaterThanOrEqual(2)
  })
})

describe('policy lint', () => {
  const head = 'apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata:\n  name: shout\nspec:\n'

  it('takes every template', async () => {
    const files = policyTemplates.map(({ id, render }) => written(`${id}.yaml`, render()))
    const { code, stderr } = await run(['policy', 'lint', ...files])
    expect(stderr).toBe(`${files.length} files checked, no errors.\n`)
    expect(code).toBe(0)
  })

  it('names line and column, shows the line with a caret, and how to mend it', async () => {
    const rows: readonly {
      readonly name: string
      readonly text: string
      readonly at: string
      readonly caret: string
      readonly says: RegExp
    }[] = [
      {
        name: 'fact.yaml',
        text: `${head}  when: request.metod == "GET"\n  action: { type: block }\n`,
        at: '6:17',
        caret: `  6 |   when: request.metod == "GET"\n    |${' '.repeat(17)}^`,
        says: /→ Did you mean "request\.method"\?/,
      },
      {
        name: 'key.yaml',
        text: `${head}  acton: { type: block }\n`,
        at: '6:3',
        caret: `  6 |   acton: { type: block }\n    |${' '.repeat(3)}^`,
        says: /→ Did you mean "action"\?/,
      },
      {
        name: 'value.yaml',
        text: `${head}  action: { type: block, status: 200 }\n`,
        at: '6:34',
        caret: `  6 |   action: { type: block, status: 200 }\n    |${' '.repeat(34)}^`,
        says: /error: .*status/,
      },
      {
        name: 'syntax.yaml',
        text: `${head}  action: { type: block\n`,
        at: '7:1',
        caret: '^',
        says: /error: The YAML cannot be read/,
      },
    ]
    for (const { name, text, at, caret, says } of rows) {
      const file = written(name, text)
      const { code, stdout, stderr } = await run(['policy', 'lint', file])
      expect(stderr).toContain(`${file}:${at}: error: `)
      expect(stderr).toContain(caret)
      expect(stderr).toMatch(says)
      expect(code, name).toBe(2)
      expect(stdout).toBe('')
    }
    expect(rows).toHaveLength(4)
  })

  it('finds the error of one file among good ones, and goes on after it', async () => {
    const good = written('good.yaml', policyTemplates[0].render())
    const bad = written('bad.yaml', `${head}  acton: 1\n`)
    const late = written('late.yaml', `${head}  action: { type: blok }\n`)
    const { code, stderr } = await run(['policy', 'lint', good, bad, late])
    expect(code).toBe(2)
    expect(stderr).not.toContain('good.yaml')
    expect(stderr).toContain('bad.yaml:6:3')
    expect(stderr).toMatch(/late\.yaml:6:\d+: error: .*"blok"/)
  })

  it('warns, and says so, without failing', async () => {
    const doubtful = written('doubtful.yaml', `${head}  when: "true"\n  action: { type: tag }\n`)
    const { code, stderr } = await run(['policy', 'lint', doubtful])
    expect(code).toBe(0)
    expect(stderr).toMatch(/doubtful\.yaml:6:\d+: warning: .*always true/)
    expect(stderr).toMatch(/1 file checked, no errors\./)
  })

  it('says which file is not there', async () => {
    const { code, stderr } = await run(['policy', 'lint', join(folder.path, 'absent.yaml')])
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot be read.*absent\.yaml/)
  })
})

describe('policy test', () => {
  it('passes what passes', async () => {
    const file = written('passes.yaml', policyTemplates.map(({ render }) => render()).join('---\n'))
    const { code, stderr } = await run(['policy', 'test', file])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^ok {3}owner-guard: another user's object$/m)
    expect(stderr).toMatch(/^(\d+) passed, 0 failed$/m)
  })

  it('fails with 1 and says what came instead', async () => {
    const wrong = policyTemplates[0].render().replaceAll('expect: block', 'expect: tag')
    const { code, stderr } = await run(['policy', 'test', written('wrong.yaml', wrong)])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^FAIL owner-guard: .* — expected tag, got block$/m)
    expect(stderr).toMatch(/^\d+ passed, 1 failed$/m)
  })

  it('does not pass what cannot be compiled, and names the place', async () => {
    const broken = policyTemplates[0].render().replace('object.foreign', 'object.foregn')
    const { code, stderr } = await run(['policy', 'test', written('broken.yaml', broken)])
    expect(code).toBeGreaterThan(0)
    expect(stderr).toMatch(/:6:\d+/)
  })
})

describe('doctor', () => {
  const free = {
    SALLYPORT_GATEWAY_PORT: '0',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_CALLS_DRIVER: 'memory',
  }

  it('says of each part how it is, one line each', async () => {
    const { code, stdout, stderr } = await run(['doctor'], free)
    expect(code, stdout).toBe(0)
    expect(stderr).toBe('')
    const lines = stdout.trimEnd().split('\n')
    const checks = lines.filter(line => !line.startsWith(' '))
    for (const check of checks) expect(check).toMatch(/^(?:ok {2}|warn|fail) {2}\S.{14,15} {2}\S/)
    for (const mend of lines.filter(line => line.startsWith(' '))) expect(mend).toMatch(/^ {24}→ \S/)
    expect(checks.map(check => check.slice(6, 22).trim())).toEqual([
      'runtime',
      'configuration',
      'data directory',
      'calls store',
      'console',
      'gateway port',
      'console port',
      'decision API',
    ])
  })

  it('fails with 3 where something cannot run, and says the mend', async () => {
    const config = written('doctor.yaml', 'gateway:\n  prot: 1\n')
    const { code, stdout } = await run(['doctor', '--config', config], free)
    expect(code).toBe(3)
    expect(stdout).toMatch(
      /^fail {2}configuration {5}There is no setting "gateway\.prot"\. \(.*doctor\.yaml:2:3\)$/m,
    )
    expect(stdout).toMatch(/^ {24}→ Did you mean "port"\?$/m)
  })
})
