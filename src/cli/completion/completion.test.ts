import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { commandLine, runCommandLine } from '../command-line.ts'
import type { Io } from '../io.ts'
import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { completionPlaces } from './place.ts'
import { zshCompletion } from './zsh.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-completion-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function recorder(): Io & { readonly printed: string[]; readonly said: string[] } {
  const printed: string[] = []
  const said: string[] = []
  return {
    environment: {},
    colour: false,
    width: 100,
    out: text => void printed.push(text),
    say: text => void said.push(text),
    stopped: new AbortController().signal,
    printed,
    said,
  }
}

const places = completionPlaces(commandLine(recorder()))
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

/** What bash offers where the last word is being typed. `=` stands as a word of its own, as readline cuts it. */
function offered(script: string, words: readonly string[], cwd = folder): string[] {
  const program = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sallyport; printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['--norc', '-c', program, 'bash', 'sallyport', ...words], {
    cwd,
    encoding: 'utf8',
  })
  return output.split('\n').filter(line => line !== '')
}

describe('the places of completion', () => {
  it('are every command and subcommand', () => {
    const paths = places.map(({ path }) => path.join(' '))
    for (const path of ['', 'analyze', 'apis list', 'policy simulate', 'completion'])
      expect(paths).toContain(path)
    expect(new Set(paths).size).toBe(paths.length)
  })
})

describe.skipIf(!has('bash'))('completion for bash', () => {
  const script = bashCompletion(places)
  writeFileSync(join(folder, 'traffic one.jsonl'), '')
  writeFileSync(join(folder, 'traffic.har'), '')
  mkdirSync(join(folder, 'kept'))

  it('offers what fits the place', () => {
    const rows: readonly (readonly [words: readonly string[], offers: readonly string[]])[] = [
      [['an'], ['analyze']],
      [
        ['apis', ''],
        ['list', 'show', 'reviews', 'pins', 'pin', 'unpin', 'set', 'diff', 'export', 'help'],
      ],
      [['apis', 'list', '--fo'], ['--format']],
      [
        ['apis', 'list', '--format', ''],
        ['table', 'json', 'yaml'],
      ],
      [['apis', 'list', '--format', '=', 'j'], ['json']],
      [
        ['analyze', '--format', '='],
        ['table', 'json', 'yaml', 'sarif'],
      ],
      [['analyze', '--format', '=', 'json', '--fail-on', 'h'], ['high']],
      [
        ['analyze', 'traffic'],
        ['traffic one.jsonl', 'traffic.har'],
      ],
      [['up', '--data-dir', 'k'], ['kept']],
      [['up', '--port', ''], []],
      [['calls', 'show', ''], []],
      [
        ['completion', ''],
        ['bash', 'zsh', 'fish'],
      ],
      [['--ver'], ['--version']],
      // The value of an option is no command, even where it is spelled like one.
      [['doctor', '--config', 'apis', '--con'], ['--config']],
      [
        ['token', 'create', 'list', '--role', 'a'],
        ['analyst', 'admin'],
      ],
    ]
    for (const [words, offers] of rows)
      expect(offered(script, words).sort(), words.join(' ')).toEqual([...offers].sort())
    expect(rows).toHaveLength(15)
  })

  it('is registered by loading it', () => {
    const shown = execFileSync('bash', ['--norc', '-c', `${script}\ncomplete -p sallyport`], {
      encoding: 'utf8',
    })
    expect(shown.trim()).toBe('complete -F _sallyport sallyport')
  })
})

describe('the scripts', () => {
  // A summary, a choice and names that would end a quotation or begin a substitution.
  const hostile = new Command('sallyport')
  hostile
    .command('odd')
    .description(`it's "odd": $(touch pwned) \`touch pwned\` [x] \\`)
    .addOption(new Option('--pick <choice>', "don't: $(touch pwned)").choices(['a', 'b']))
  const odd = completionPlaces(hostile)

  const rows = [
    ['bash', bashCompletion],
    ['zsh', zshCompletion],
    ['fish', fishCompletion],
  ] as const
  for (const [shell, make] of rows) {
    it.skipIf(!has(shell))(`are read by ${shell} without a fault, hostile words included`, () => {
      for (const script of [make(places), make(odd)]) {
        const file = join(folder, `script.${shell}`)
        writeFileSync(file, script)
        const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
        expect(stderr).toBe('')
        expect(status).toBe(0)
      }
    })

    it(`for ${shell} name every command and every option`, () => {
      const script = make(places)
      let named = 0
      for (const { path, options } of places) {
        for (const name of [...path, ...options.flatMap(option => option.names)]) {
          named += 1
          const spelled = shell === 'fish' ? name.replace(/^--?/, '') : name
          expect(script.includes(spelled), `${path.join(' ')}: ${name}`).toBe(true)
        }
      }
      expect(named).toBeGreaterThan(100)
    })
  }

  it.skipIf(!has('bash'))('run nothing that a summary or a typed word holds', () => {
    expect(offered(bashCompletion(odd), ['odd', '--pick', ''])).toEqual(['a', 'b'])
    expect(offered(bashCompletion(odd), ['odd', '$(touch pwned)'])).toEqual([])
    expect(spawnSync('ls', ['pwned'], { cwd: folder }).status).not.toBe(0)
  })
})

describe('the command', () => {
  it('prints one script for each shell, and nothing else to anybody', async () => {
    for (const [shell, make] of [
      ['bash', bashCompletion],
      ['zsh', zshCompletion],
      ['fish', fishCompletion],
    ] as const) {
      const io = recorder()
      expect(await runCommandLine(['completion', shell], io)).toBe(0)
      expect(io.printed.join('')).toBe(make(places))
      expect(io.said).toEqual([])
    }
  })

  it('refuses a shell it does not know', async () => {
    const io = recorder()
    expect(await runCommandLine(['completion', 'tcsh'], io)).toBe(2)
    expect(io.said.join('\n')).toMatch(/bash, zsh, fish/)
  })
})
