import type { Account } from '../../world/accounts.ts'
import { day, dayOf, hour } from '../../world/calendar.ts'
import type { Person } from '../../world/person.ts'
import type { Patient } from './records.ts'

/** Who may see which patient by their work: wards, on-call duty, access in an emergency. */
export class Duty {
  readonly #wardOf = new Map<string, string>()
  readonly #doctors = new Map<string, Person[]>()
  /** Account and patient → until when access in an emergency lasts. */
  readonly #broken = new Map<string, number>()

  join(person: Person, ward: string): void {
    this.#wardOf.set(person.account.id, ward)
    if (person.role !== 'doctor') return
    const tenant = person.account.tenant ?? ''
    const own = this.#doctors.get(tenant)
    if (own === undefined) this.#doctors.set(tenant, [person])
    else own.push(person)
  }

  wardOf(account: string): string {
    return this.#wardOf.get(account) ?? ''
  }

  /** The doctor who covers every ward of a house from six in the evening until eight, and all day when nobody works. */
  onCall(tenant: string, time: number): Person | undefined {
    const own = this.#doctors.get(tenant) ?? []
    return own[dayOf(time - 8 * hour) % Math.max(1, own.length)]
  }

  breakGlass(account: string, patient: string, now: number): void {
    this.#broken.set(`${account}/${patient}`, now + 8 * hour)
  }

  covers(account: Account, patient: Patient, now: number): boolean {
    const { roles, id, tenant } = account
    if (roles.includes('quality') || roles.includes('batch') || roles.includes('laboratory')) return true
    if (tenant !== patient.tenant) return false
    if (roles.includes('registrar') || roles.includes('billing')) return true
    if (!roles.includes('doctor') && !roles.includes('nurse')) return false
    if (this.#wardOf.get(id) === patient.ward) return true
    if ((this.#broken.get(`${id}/${patient.id}`) ?? 0) > now) return true
    const hourOfDay = (now % day) / hour
    return (hourOfDay < 9 || hourOfDay >= 17.5) && this.onCall(tenant, now)?.account.id === id
  }
}
