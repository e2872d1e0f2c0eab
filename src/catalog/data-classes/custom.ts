import { isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import { linearPatternFault } from '../../kit/linear-pattern.ts'
import { luhn, mod97, verhoeff } from '../checksums.ts'
import { type DataClassDefinition, defineDataClass, profileOf, type ValueProfile } from '../data-class.ts'
import { dataClassOf } from './index.ts'
import { looksRandom } from './reference/randomness.ts'

/** Bounds of the file. */
const maxBytes = 262_144
const maxClasses = 100
const maxExamples = 50

/** Checks by name, over the letters and digits of a value; the share of random values that each lets through. */
const validators = {
  luhn: { chance: 0.1, test: ({ bare }: ValueProfile) => /^\d+$/.test(bare) && luhn(bare) },
  verhoeff: { chance: 0.1, test: ({ bare }: ValueProfile) => /^\d+$/.test(bare) && verhoeff(bare) },
  mod97: {
    chance: 0.01,
    test: ({ bare }: ValueProfile) => {
      const code = bare.toUpperCase()
      return code.length > 4 && mod97(code.slice(4) + code.slice(0, 4)) === 1
    },
  },
  random: { chance: 0.05, test: ({ text }: ValueProfile) => looksRandom(text) },
} as const

type ValidatorName = keyof typeof validators
const validatorNames = Object.keys(validators) as [ValidatorName, ...ValidatorName[]]

const hint = z.string().min(1).max(64)
const example = z.string().max(512)
const classSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, { error: 'must be lower-case words with hyphens' }),
  title: z.string().min(1).max(80),
  group: z.enum(['pii', 'pci', 'phi', 'secret']),
  sensitivity: z.number().int().min(1).max(30).default(15),
  pattern: z.string().min(1),
  validators: z.array(z.enum(validatorNames)).max(4).default([]),
  names: z.array(hint).max(50).default([]),
  neighbours: z.array(hint).max(20).default([]),
  needsName: z.boolean().default(false),
  chance: z.number().min(0.000001).max(0.9).default(0.01),
  examples: z.strictObject({
    matches: z.array(example).min(1).max(maxExamples),
    rejects: z.array(example).min(1).max(maxExamples),
  }),
})
const fileSchema = z.strictObject({ classes: z.array(classSchema).max(maxClasses) })

type Written = z.infer<typeof classSchema>
type Path = readonly PropertyKey[]

/**
 * The data classes of a YAML file: `classes`, a list of `{ id, title, group, pattern, examples }` and, optional,
 * `sensitivity`, `validators`, `names`, `neighbours`, `needsName`, `chance`. A pattern is matched against the whole value.
 * Every example is run.
 *
 * @throws SallyportError `config/invalid` with `file:line:column`, where the file is not such a list, a pattern could
 * take more than linear time, an id is taken, or an example comes out otherwise than written.
 */
export function readCustomClasses(source: string, file: string): readonly DataClassDefinition[] {
  const refuse = (message: string, where: string, mend: string): never => {
    throw new SallyportError('config/invalid', message, { where, mend })
  }
  if (source.length > maxBytes)
    refuse(`The data classes are more than ${maxBytes / 1024} KiB.`, file, 'Leave out what is not used.')
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const at = (path: Path): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) {
        const { line, col } = lines.linePos(node.range[0])
        return `${file}:${line}:${col}`
      }
    }
    return `${file}:1:1`
  }
  const broken = document.errors[0]
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0])
    refuse(
      `The data classes are not YAML: ${broken.message.split('\n')[0]}`,
      `${file}:${line}:${col}`,
      'Correct the YAML at that place.',
    )
  }
  const read = fileSchema.safeParse(document.toJS({ maxAliasCount: 16 }) ?? { classes: [] })
  if (!read.success) {
    const issue = read.error.issues[0]!
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const path = issue.path.filter(part => typeof part !== 'symbol')
    throw new SallyportError(
      'config/invalid',
      unknown === undefined
        ? `The data class setting "${path.join('.')}" is not valid: ${issue.message}.`
        : `There is no data class setting "${[...path, unknown].join('.')}".`,
      {
        where: at(unknown === undefined ? path : [...path, unknown]),
        mend: 'See the guide to data classes.',
      },
    )
  }
  const ids = new Set<string>()
  return read.data.classes.map((written, index) => {
    const path = ['classes', index]
    if (ids.has(written.id) || dataClassOf(written.id) !== undefined)
      refuse(
        `There is already a data class "${written.id}".`,
        at([...path, 'id']),
        'Give it an id of its own; built-in classes cannot be replaced.',
      )
    ids.add(written.id)
    const fault = linearPatternFault(written.pattern)
    if (fault !== undefined)
      refuse(
        fault,
        at([...path, 'pattern']),
        'Use bounded counts such as {1,20}, and at most one repetition without a bound.',
      )
    const definition = defineCustom(written)
    for (const wanted of ['matches', 'rejects'] as const)
      written.examples[wanted].forEach((value, place) => {
        if (definition.test(profileOf(value)) === (wanted === 'matches')) return
        refuse(
          `An example of "${written.id}" that should ${wanted === 'matches' ? 'match does not' : 'be rejected matches'}.`,
          at([...path, 'examples', wanted, place]),
          'Correct the pattern, the validators or the example.',
        )
      })
    return definition
  })
}

function defineCustom({ validators: checks, pattern, ...written }: Written): DataClassDefinition {
  const form = new RegExp(`^(?:${pattern})$`, 'u')
  const tests = checks.map(name => validators[name])
  const chance = tests.reduce((share, check) => share * check.chance, written.chance)
  return defineDataClass({
    ...written,
    names: written.names.map(name => name.toLowerCase()),
    chance: Math.max(0.000001, chance),
    lengths: [1, 512],
    test: value =>
      value.text.length <= 512 && form.test(value.text) && tests.every(check => check.test(value)),
  })
}
