import { randomBytes } from 'node:crypto'
import { type Cloud, startCloud } from '../cloud.ts'
import { type Ingress, startIngress } from '../ingress.ts'
import { type Shop, startShop } from '../start.ts'

export const productionHost = 'api.shop.example'
export const stagingHost = 'api.staging.shop.example'

/** Where each sort of telemetry goes, `http://host:port`. */
export interface Collectors {
  readonly otlp: string
  /** Of runtime events. */
  readonly runtime: string
  /** Of cloud audit records. */
  readonly cloud: string
}

/** The shop twice, in production and as staging, with the cloud that they run in; what comes from outside goes through one ingress. */
export interface Estate {
  readonly production: Shop
  readonly staging: Shop
  readonly cloud: Cloud
  /** Base URL; the shop is chosen by `Host`. */
  readonly url: string
  /** API keys of the partner's job. The flaw: production takes the one of staging too. */
  readonly keys: { readonly production: string; readonly staging: string }
  readonly collectors: Collectors | undefined
  reportTo(collectors: Collectors): void
  /** Resolves when all telemetry so far was sent. */
  flush(): Promise<void>
  close(): Promise<void>
}

const apiKey = (): string => `sk_${randomBytes(18).toString('base64url')}`

/** Starts nine processes on loopback. They end with `close` and with this process. */
export async function startEstate(): Promise<Estate> {
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one()
  }
  try {
    const cloud = await startCloud()
    closing.push(() => cloud.close())
    const { standIns } = cloud
    const keys = { production: apiKey(), staging: apiKey() }
    const staging = await startShop({
      seed: 2,
      telemetry: true,
      cluster: { namespace: 'shop-staging', environment: 'staging' },
      standIns,
      apiKeys: { [keys.staging]: 'partner-sync' },
    })
    closing.push(() => staging.close())
    const production = await startShop({
      seed: 1,
      telemetry: true,
      cluster: { namespace: 'shop', environment: 'production' },
      standIns,
      apiKeys: { [keys.production]: 'partner-sync', [keys.staging]: 'partner-sync' },
      archiveKey: cloud.keys['shop-payments'],
    })
    closing.push(() => production.close())
    const ingress: Ingress = await startIngress({
      [productionHost]: production.url,
      [stagingHost]: staging.url,
    })
    closing.push(() => ingress.close())
    let collectors: Collectors | undefined
    return {
      production,
      staging,
      cloud,
      url: ingress.url,
      keys,
      get collectors() {
        return collectors
      },
      reportTo: given => {
        collectors = given
        for (const shop of [production, staging]) shop.reportTo(given.otlp)
        cloud.auditTo(given.cloud)
      },
      flush: async () => {
        await Promise.all([production.flushSpans(), staging.flushSpans(), cloud.flush()])
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}
