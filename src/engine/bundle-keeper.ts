import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Control } from '../enforce/control.ts'
import { openBundle, type SealedBundle, sealBundle } from '../enforce/sealed-bundle.ts'
import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import { makePrivate } from '../store/private-file.ts'
import { writeStateFile } from './state-file.ts'

export const bundleFileName = 'policies.bundle'
export const signingKeyFileName = 'policy-signing.key'

/** Seals what control hands out, and keeps the last of it on disk. */
export class BundleKeeper {
  readonly file: string
  /** PEM of the public key: what decision points check with. */
  readonly publicKey: string
  readonly #key: KeyObject
  readonly #clock: Clock
  #keeping: Promise<void> = Promise.resolve()
  #keptHash = ''

  /**
   * Reads the key of the folder, or makes one (mode 0600).
   * @throws SallyportError `store/corrupt`, `store/unavailable`
   */
  constructor(folder: string, clock: Clock) {
    this.file = join(folder, bundleFileName)
    this.#clock = clock
    this.#key = signingKey(join(folder, signingKeyFileName))
    this.publicKey = createPublicKey(this.#key).export({ type: 'spki', format: 'pem' }).toString()
  }

  /** Version of the bundle on disk; 0 where there is none that can be taken. */
  keptVersion(): number {
    const opened = readBundle(this.file, this.publicKey)
    return opened !== undefined && 'control' in opened ? opened.control.version : 0
  }

  seal(control: Control): SealedBundle {
    return sealBundle(control, this.#clock.now(), this.#key)
  }

  /**
   * One after the other; the newest stays. What says the same as the one before is not written again. Rejects where the disk does not take
   * it: what is there stays.
   */
  keep(bundle: SealedBundle): Promise<void> {
    const mine = this.#keeping.then(async () => {
      if (bundle.hash === this.#keptHash) return
      await writeStateFile(this.file, Buffer.from(JSON.stringify(bundle)))
      this.#keptHash = bundle.hash
    })
    this.#keeping = mine.catch(() => undefined)
    return mine
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.#keeping
  }
}

/** Undefined where there is no file. */
export function readBundle(file: string, publicKey: string): ReturnType<typeof openBundle> | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT'
      ? undefined
      : { refused: 'its file cannot be read' }
  }
  try {
    return openBundle(JSON.parse(text), publicKey)
  } catch {
    return { refused: 'its file is damaged' }
  }
}

function signingKey(file: string): KeyObject {
  const read = (): KeyObject => createPrivateKey(readFileSync(file, 'utf8'))
  try {
    return read()
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new SallyportError('store/corrupt', 'The key that policies are signed with cannot be read.', {
        where: file,
        mend: 'Restore it from a backup, or remove it: a new one is made at the next start.',
        cause: thrown,
      })
    }
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  try {
    makePrivate(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  } catch (cause) {
    throw new SallyportError('store/unavailable', 'The key that policies are signed with cannot be kept.', {
      where: file,
      mend: 'Check that the data folder is writable and has room.',
      cause,
    })
  }
  return read()
}
