import type { Kysely, Transaction } from 'kysely'
import { SallyportError } from '../../kit/error.ts'
import type { StateSchema } from '../migrations/schema.ts'
import type { PolicyVersion, StoredPolicy, StoredRollout, StoredSimulation } from '../ports/policy-state.ts'
import { policyOf } from './rows.ts'

/** Versions of one policy that are kept. */
const keptVersions = 100
const keptSimulations = 1_000

/** Policies, their versions and rollouts, in SQL. */
export class SqlPolicies {
  readonly #db: Kysely<StateSchema>

  constructor(db: Kysely<StateSchema>) {
    this.#db = db
  }

  async all(): Promise<readonly StoredPolicy[]> {
    const rows = await this.#db.selectFrom('policies').selectAll().orderBy('name').execute()
    return rows.map(policyOf)
  }

  async put(
    name: string,
    source: string,
    by: string,
    at: number,
    expectedVersion: number | undefined,
    change: string,
  ): Promise<StoredPolicy> {
    return await this.#db.transaction().execute(async transaction => {
      const current = await versionOf(transaction, name)
      expectVersion(name, current, expectedVersion)
      // A policy that comes again after it was deleted goes on counting: an old version is never taken for a new one.
      const newest = current === 0 ? await newestVersion(transaction, name) : current
      const row = { name, source, version: newest + 1, updated_at: at, updated_by: by }
      await transaction
        .insertInto('policies')
        .values(row)
        .onConflict(conflict => conflict.column('name').doUpdateSet(row))
        .execute()
      await transaction
        .insertInto('policy_versions')
        .values({ ...row, change })
        .execute()
      await transaction
        .deleteFrom('policy_versions')
        .where('name', '=', name)
        .where('version', '<=', row.version - keptVersions)
        .execute()
      return policyOf(row)
    })
  }

  async delete(name: string, expectedVersion: number | undefined): Promise<boolean> {
    return await this.#db.transaction().execute(async transaction => {
      const current = await versionOf(transaction, name)
      if (current === 0) return false
      expectVersion(name, current, expectedVersion)
      await transaction.deleteFrom('policies').where('name', '=', name).execute()
      await transaction.deleteFrom('rollouts').where('policy', '=', name).execute()
      return true
    })
  }

  async versions(name: string): Promise<readonly PolicyVersion[]> {
    const rows = await this.#db
      .selectFrom('policy_versions')
      .selectAll()
      .where('name', '=', name)
      .orderBy('version', 'desc')
      .execute()
    return rows.map(row => ({ ...policyOf(row), change: row.change }))
  }

  async putSimulation(simulation: StoredSimulation): Promise<void> {
    const { hash, at } = simulation
    const row = { hash, at, body: JSON.stringify(simulation) }
    await this.#db.transaction().execute(async transaction => {
      await transaction
        .insertInto('simulations')
        .values(row)
        .onConflict(conflict => conflict.column('hash').doUpdateSet(row))
        .execute()
      await transaction
        .deleteFrom('simulations')
        .where('hash', 'in', query =>
          query
            .selectFrom('simulations')
            .select('hash')
            .orderBy('at', 'desc')
            .orderBy('hash')
            .limit(1_000_000)
            .offset(keptSimulations),
        )
        .execute()
    })
  }

  async simulation(hash: string): Promise<StoredSimulation | undefined> {
    const row = await this.#db
      .selectFrom('simulations')
      .select('body')
      .where('hash', '=', hash)
      .executeTakeFirst()
    return row === undefined ? undefined : (JSON.parse(row.body) as StoredSimulation)
  }

  async putRollout(rollout: StoredRollout): Promise<void> {
    const row = { policy: rollout.policy, body: JSON.stringify(rollout) }
    await this.#db
      .insertInto('rollouts')
      .values(row)
      .onConflict(conflict => conflict.column('policy').doUpdateSet(row))
      .execute()
  }

  async deleteRollout(policy: string): Promise<void> {
    await this.#db.deleteFrom('rollouts').where('policy', '=', policy).execute()
  }

  async rollouts(): Promise<readonly StoredRollout[]> {
    const rows = await this.#db.selectFrom('rollouts').select('body').orderBy('policy').execute()
    return rows.map(({ body }) => JSON.parse(body) as StoredRollout)
  }
}

async function versionOf(transaction: Transaction<StateSchema>, name: string): Promise<number> {
  const row = await transaction
    .selectFrom('policies')
    .select('version')
    .where('name', '=', name)
    .executeTakeFirst()
  return Number(row?.version ?? 0)
}

async function newestVersion(transaction: Transaction<StateSchema>, name: string): Promise<number> {
  const { newest } = await transaction
    .selectFrom('policy_versions')
    .select(({ fn }) => fn.max('version').as('newest'))
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return Number(newest ?? 0)
}

function expectVersion(name: string, current: number, expected: number | undefined): void {
  if (expected === undefined || expected === current) return
  const state = current === 0 ? 'does not exist' : `is at version ${current}`
  throw new SallyportError(
    'resource/precondition-failed',
    `The policy ${name} ${state}, not at version ${expected}.`,
    {
      where: `policies/${name}`,
      mend: 'Read it again and repeat the change on what it says now.',
    },
  )
}
