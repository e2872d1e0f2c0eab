import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import { formatProblem, parsePolicies } from '../policy/parse.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import type { PolicyDesk } from './policy-desk.ts'

/** What brought a version about that a file of the folder says. */
const fromFolder = 'folder'

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

/**
 * Puts those of the folder that differ from what is in the state store there, past the gate, each with its audit record.
 * @throws SallyportError as `readPolicyFolder`, and `store/…`
 */
export async function applyPolicyFolder(
  folder: string,
  to: { readonly policies: PolicyDesk; readonly state: StateStore; readonly clock: Clock },
): Promise<void> {
  const { policies, state, clock } = to
  const stored = new Map((await state.policies()).map(policy => [policy.name, policy]))
  for (const { name, source } of readPolicyFolder(folder)) {
    const now = stored.get(name)?.source
    // What was promoted or rolled back since the file was taken stays, until the file says something else.
    const taken = (await policies.history(name)).find(({ change }) => change === fromFolder)
    if (now === source || (now !== undefined && taken?.source === source)) continue
    const override = 'It stands in the folder of the configuration.'
    const { policy, stage } = await policies.put(name, source, { by: 'system', override }, fromFolder)
    await state.audit({
      time: clock.now(),
      actor: 'system',
      action: 'policy.put',
      target: name,
      detail: { version: policy.version, ...stage, from: folder, override },
    })
  }
}
