import { ChangeLog } from '../catalog/changes/change-log.ts'
import { readStateFile, stateBytes, writeStateFile } from './state-file.ts'

const nothing = new Map<string, object>()

/** The changes of the catalog, kept over a restart in a file of their own. */
export class ChangesKeeper {
  readonly log = new ChangeLog()
  readonly #file: string
  readonly #say: (line: string) => void
  #told = 0
  #kept = 0
  #trouble: string | undefined

  constructor(file: string, say: (line: string) => void) {
    this.#file = file
    this.#say = say
  }

  /** Takes what an earlier process kept. */
  async read(): Promise<void> {
    const read = await readStateFile(this.#file, nothing)
    if (read === undefined) return
    if ('trouble' in read) this.#say(read.trouble)
    else this.log.load(read.state as ReturnType<ChangeLog['save']>)
  }

  take(telling: Parameters<ChangeLog['take']>[0]): void {
    this.#told += 1
    this.log.take(telling)
  }

  /** Writes them where something was told since. */
  async keep(): Promise<void> {
    if (this.#kept === this.#told) return
    this.#kept = this.#told
    try {
      await writeStateFile(this.#file, stateBytes(this.log.save(), nothing))
      this.#trouble = undefined
    } catch (thrown) {
      const trouble = String(thrown)
      if (trouble !== this.#trouble) this.#say(`The changes of the catalog could not be kept: ${trouble}`)
      this.#trouble = trouble
    }
  }
}
