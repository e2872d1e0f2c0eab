import { readFile } from 'node:fs/promises'
import { SallyportError } from '../../kit/error.ts'

/** Files that a connection is secured with: read at the start, never logged. */
export interface StreamSecurity {
  /** Authorities that the server's certificate is checked with, PEM; default: those of the system. */
  readonly caFile?: string
  /** Our own certificate and its key, PEM. */
  readonly certFile?: string
  readonly keyFile?: string
  readonly user?: string
  readonly passwordFile?: string
}

/**
 * The content of a file with a secret, without white space at its ends.
 * @throws SallyportError `config/invalid` where it cannot be read or is empty
 */
export async function secretIn(path: string): Promise<string> {
  const text = await fileText(path)
  if (text.trim() === '')
    throw new SallyportError('config/invalid', 'The file with the secret is empty.', { where: path })
  return text.trim()
}

/** @throws SallyportError `config/invalid` where it cannot be read */
export async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The file cannot be read.', {
      where: path,
      mend: 'Name a file that this user may read.',
      cause,
    })
  }
}

export interface TlsTexts {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** The texts for TLS; undefined where no file was named. */
export async function tlsTexts({ caFile, certFile, keyFile }: StreamSecurity): Promise<TlsTexts | undefined> {
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined
  return {
    ...(caFile === undefined ? {} : { ca: await fileText(caFile) }),
    ...(certFile === undefined ? {} : { cert: await fileText(certFile) }),
    ...(keyFile === undefined ? {} : { key: await fileText(keyFile) }),
  }
}
