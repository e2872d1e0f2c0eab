import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import { SallyportError } from '../../kit/error.ts'

/** A certificate and the names it is shown for. */
export interface CertificateFiles {
  /** PEM file: the certificate, then those that sign it. */
  readonly certificate: string
  /** PEM file. */
  readonly key: string
  /** Host names, `*.shop.example` for one label in front; default: those of the certificate. */
  readonly names?: readonly string[]
}

interface Shown {
  readonly cert: Buffer
  readonly key: Buffer
  readonly context: SecureContext
}

/** Which certificate is shown for which name; read anew without ending a connection. */
export class CertificateStore {
  readonly #files: readonly CertificateFiles[]
  readonly #minVersion: 'TLSv1.2' | 'TLSv1.3'
  #byName = new Map<string, SecureContext>()
  #first: Shown

  /** @throws SallyportError `config/invalid` for files that are no certificate and its key */
  constructor(files: readonly CertificateFiles[], minVersion: 'TLSv1.2' | 'TLSv1.3') {
    this.#files = files
    this.#minVersion = minVersion
    this.#first = this.#load()
  }

  get paths(): readonly string[] {
    return this.#files.flatMap(({ certificate, key }) => [certificate, key])
  }

  /** For a client that asks for no name, or for one that is unknown. */
  get first(): { readonly cert: Buffer; readonly key: Buffer } {
    return this.#first
  }

  contextFor(name: string): SecureContext {
    const host = name.toLowerCase()
    const dot = host.indexOf('.')
    return (
      this.#byName.get(host) ??
      this.#byName.get(`*${dot === -1 ? '' : host.slice(dot)}`) ??
      this.#first.context
    )
  }

  /** Reads the files again. On a fault those before stay, and it throws like the constructor. */
  reload(): void {
    this.#first = this.#load()
  }

  #load(): Shown {
    const byName = new Map<string, SecureContext>()
    let first: Shown | undefined
    for (const files of this.#files) {
      const cert = read(files.certificate)
      const key = read(files.key)
      let context: SecureContext
      let names: readonly string[]
      try {
        const certificate = new X509Certificate(cert)
        names = files.names ?? namesOf(certificate)
        context = createSecureContext({ cert, key, minVersion: this.#minVersion })
      } catch (cause) {
        throw new SallyportError('config/invalid', 'The gateway cannot use this certificate with its key.', {
          where: files.certificate,
          mend: 'Give PEM files of a certificate (its chain behind it) and of the key that belongs to it.',
          cause,
        })
      }
      first ??= { cert, key, context }
      for (const name of names) if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), context)
    }
    if (first === undefined)
      throw new SallyportError('config/invalid', 'TLS needs at least one certificate.', {
        where: 'gateway.tls.certificates',
        mend: 'Give a list of certificate and key files.',
      })
    this.#byName = byName
    return first
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new SallyportError('config/invalid', 'A certificate or key file cannot be read.', {
      where: path,
      mend: 'Check the path and who may read it.',
      cause,
    })
  }
}

/** The DNS names of a certificate. */
function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .filter(entry => entry.startsWith('DNS:'))
    .map(entry => entry.slice(4))
}
