import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '../kit/error.ts'
import { formatProblem, parsePolicies } from '../policy/parse.ts'

/**
 * The policies of every `.yaml` and `.yml` file in a folder, by name.
 * @throws SallyportError `policy/invalid` naming the first problem, or `config/invalid` when there is no such folder.
 */
export function readPolicyFolder(
  folder: string,
): readonly { readonly name: string; readonly source: string }[] {
  let files: string[]
  try {
    files = readdirSync(folder)
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The folder of policies cannot be read.', {
      where: folder,
      mend: 'Correct the setting policies.',
      cause,
    })
  }
  return files
    .filter(file => /\.ya?ml$/.test(file))
    .sort()
    .flatMap(file => {
      const path = join(folder, file)
      const text = readFileSync(path, 'utf8')
      const { policies, problems } = parsePolicies(text, path)
      const fault = problems.find(problem => problem.severity === 'error')
      if (fault !== undefined) {
        throw new SallyportError('policy/invalid', formatProblem(fault, text), {
          where: path,
          mend: 'Correct the file.',
        })
      }
      return policies.map(({ name, source }) => ({ name, source }))
    })
}
