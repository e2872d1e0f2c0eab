import { minute } from '../../world/calendar.ts'
import { type Crowd, think, type Visit } from '../../world/crowd.ts'
import { type Ask, isObject, type JsonObject, textOf } from '../../world/http.ts'
import { familyName, phone, prose, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { itemsOf } from '../../world/style.ts'
import type { Tenancy } from '../../world/tenancy.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import type { Duty } from './duty.ts'
import { medicationBody, observationBody, type Patient, patientView, type Records } from './records.ts'
import { type ClinicPaths, pageQuery } from './routes.ts'

/** What people do at the clinic. */
export class ClinicBehaviour {
  readonly #world: World
  readonly #records: Records
  readonly #duty: Duty
  readonly #tenancy: Tenancy
  readonly #paths: ClinicPaths

  constructor(world: World, records: Records, duty: Duty, tenancy: Tenancy, paths: ClinicPaths) {
    this.#world = world
    this.#records = records
    this.#duty = duty
    this.#tenancy = tenancy
    this.#paths = paths
  }

  /** Of the directory, which belongs to no house. */
  open(path: string, query = ''): Ask {
    return {
      method: 'GET',
      path: `${this.#world.at(`${this.#paths.fhir}${path}`)}${query === '' ? '' : `?${query}`}`,
    }
  }

  get(tenant: string, path: string, query = ''): Ask {
    return this.#tenancy.in(tenant, {
      method: 'GET',
      path: `${this.#paths.fhir}${path}${query === '' ? '' : `?${query}`}`,
    })
  }

  send(tenant: string, method: string, path: string, resource: JsonObject): Ask {
    return this.#tenancy.in(tenant, {
      method,
      path: `${this.#paths.fhir}${path}`,
      text: { type: 'application/fhir+json', value: JSON.stringify(resource) },
    })
  }

  /** Beside the records: reports, access in an emergency. */
  office(tenant: string, path: string, body?: JsonObject): Ask {
    return this.#tenancy.in(
      tenant,
      body === undefined ? { method: 'GET', path } : { method: 'POST', path, body },
    )
  }

  register(crowd: Crowd): void {
    crowd.does('patient', visit => this.patient(visit))
    crowd.does('doctor', visit => this.round(visit))
    crowd.does('nurse', visit => this.shift(visit))
    crowd.does('registrar', visit => this.desk(visit))
    crowd.does('billing', visit => this.billing(visit))
    crowd.does('quality', visit => this.quality(visit))
  }

  *patient(visit: Visit): Script {
    const { client, stream, person, world } = visit
    const own = this.#records.byAccount.get(person.account.id)
    if (own === undefined) return
    const at = own.tenant
    yield* client.together([
      this.get(at, `/Patient/${own.id}`),
      this.get(at, '/Appointment'),
      { method: 'GET', path: world.at(world.accounts.paths.me) },
    ])
    yield* think(visit)
    // Parents look after their children's records as often as after their own.
    const ward = [...this.#records.patients.values()].filter(({ proxies }) => proxies.has(person.account.id))
    const looked = ward.length > 0 && stream.chance(0.5) ? stream.pick(ward) : own
    const doing = stream.weighted([
      ['results', 6],
      ['medication', 4],
      ['visits', 3],
      ['book', 2],
      ['doctors', 1.5],
      ['phone', 0.5],
      ['document', 0.5],
      ['letter', 0.3],
      ['everything', 0.2],
    ])
    if (doing === 'results') yield* this.#results(visit, looked)
    else if (doing === 'medication')
      yield* client.send(this.get(looked.tenant, '/MedicationRequest', `patient=${looked.id}`))
    else if (doing === 'visits')
      yield* client.send(this.get(looked.tenant, '/Encounter', `patient=${looked.id}`))
    else if (doing === 'book') yield* this.book(visit)
    else if (doing === 'doctors') yield* this.directory(visit)
    else if (doing === 'phone')
      yield* client.send(
        this.send(at, 'PUT', `/Patient/${own.id}`, {
          ...patientView(own),
          telecom: [{ system: 'phone', value: phone(stream) }],
        }),
      )
    else if (doing === 'document')
      yield* client.send(
        this.send(at, 'POST', '/DocumentReference', {
          resourceType: 'DocumentReference',
          url: `https://files.example/${word(stream)}/${stream.token(10)}.pdf`,
        }),
      )
    else if (doing === 'letter') yield* client.send(this.letter(at, person.name, stream))
    else yield* client.send(this.get(at, `/Patient/${own.id}/$everything`))
  }

  *#results(visit: Visit, looked: Patient): Script {
    const { client, stream } = visit
    const listed = yield* client.send(
      this.get(looked.tenant, '/Observation', `patient=${looked.id}&${pageQuery(this.#world, 0)}`),
    )
    for (const row of stream.some(itemsOf(listed.json), stream.int(0, 3))) {
      yield* think(visit)
      yield* client.send(this.get(looked.tenant, `/Observation/${textOf(row.id)}`))
    }
  }

  /** Looks for a doctor: open to everybody. */
  *directory(visit: Pick<Visit, 'client' | 'stream'>): Script {
    const { client, stream } = visit
    const { style } = this.#world
    const listed = yield* client.send(
      this.open(
        '/Practitioner',
        stream.chance(0.5)
          ? `specialty=${stream.pick(['surgery', 'dermatology', 'radiology'])}`
          : `name=${encodeURIComponent(stream.chance(0.1) ? `O'${familyName(stream)}` : familyName(stream))}`,
      ),
    )
    for (let page = 1; page < 3 && stream.chance(0.3); page += 1) {
      yield* think(visit)
      yield* client.send(this.open('/Practitioner', pageQuery(this.#world, page * style.pageSize)))
    }
    for (const row of stream.some(itemsOf(listed.json), stream.int(0, 2))) {
      yield* think(visit)
      yield* client.send(this.open(`/Practitioner/${textOf(row.id)}`))
    }
  }

  /** A doctor, a free slot, the hold, the appointment. */
  *book(visit: Visit): Script {
    const { client, stream, person } = visit
    const tenant = person.account.tenant ?? ''
    const doctor = stream.pick([...this.#records.practitioners.keys()])
    yield* client.send(this.open(`/Practitioner/${doctor}`))
    yield* think(visit)
    const listed = yield* client.send(this.open('/Slot', `practitioner=${doctor}`))
    const free = itemsOf(listed.json).filter(({ status }) => status === 'free')
    if (free.length === 0) return
    yield* think(visit)
    const slot = textOf(stream.pick(free).id) ?? ''
    const held = yield* client.send(this.send(tenant, 'POST', `/Slot/${slot}/$hold`, {}))
    if (!held.ok) return
    yield* think(visit)
    yield* client.send(this.appointment(tenant, slot))
  }

  appointment(tenant: string, slot: string): Ask {
    return this.send(tenant, 'POST', '/Appointment', {
      resourceType: 'Appointment',
      status: 'proposed',
      slot,
    })
  }

  /** A discharge letter of another house (HL7 CDA R2), cut to what matters here. */
  letter(tenant: string, name: string, stream: Stream): Ask {
    const value = `<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>Discharge summary</title><recordTarget><patientRole><patient><name>${name}</name></patient></patientRole></recordTarget><component><section><text>${prose(stream, stream.int(10, 40))}</text></section></component></ClinicalDocument>`
    return this.#tenancy.in(tenant, {
      method: 'POST',
      path: `${this.#paths.fhir}/Binary`,
      text: { type: 'application/xml', value },
    })
  }

  /** Everything that a bed-side page loads. */
  *#chart(visit: Visit, tenant: string, id: string): Script {
    yield* visit.client.together([
      this.get(tenant, `/Patient/${id}`),
      this.get(tenant, '/Encounter', `patient=${id}`),
      this.get(tenant, '/Observation', `patient=${id}&${pageQuery(this.#world, 0)}`),
      this.get(tenant, '/MedicationRequest', `patient=${id}`),
    ])
    yield* think(visit)
  }

  /** The patients of the own ward, as the list of the ward shows them. */
  *round(visit: Visit): Script {
    const { client, stream, person, world } = visit
    const tenant = person.account.tenant ?? ''
    const listed = yield* client.send(this.get(tenant, '/Patient', pageQuery(world, 0)))
    yield* think(visit)
    for (const row of stream.some(itemsOf(listed.json), stream.int(2, 6))) {
      const id = textOf(row.id) ?? ''
      yield* this.#chart(visit, tenant, id)
      const doing = stream.weighted([
        ['nothing', 4],
        ['order', 3],
        ['note', 2],
        ['stop', 1],
      ])
      if (doing === 'order')
        yield* client.send(this.send(tenant, 'POST', '/MedicationRequest', medicationBody(id, stream)))
      else if (doing === 'note')
        yield* client.send(this.send(tenant, 'POST', '/Observation', observationBody(id, stream)))
      else if (doing === 'stop') yield* this.#stop(visit, tenant, id)
      yield stream.between(minute, 8 * minute)
    }
    if (stream.chance(0.05)) yield* this.emergency(visit)
  }

  *#stop(visit: Visit, tenant: string, id: string): Script {
    const { client, stream } = visit
    const active =
      this.#records.patients.get(id)?.medications.filter(({ status }) => status === 'active') ?? []
    if (active.length === 0) return
    const chosen = stream.pick(active)
    yield* client.send(this.get(tenant, `/MedicationRequest/${chosen.id}`))
    yield* think(visit)
    yield* client.send(
      this.send(tenant, 'PUT', `/MedicationRequest/${chosen.id}`, {
        resourceType: 'MedicationRequest',
        id: chosen.id,
        status: 'stopped',
      }),
    )
  }

  /** Somebody of another ward collapsed: access is taken with a reason, and looked at afterwards. */
  *emergency(visit: Visit): Script {
    const { client, stream, person } = visit
    const tenant = person.account.tenant ?? ''
    const mine = this.#duty.wardOf(person.account.id)
    const others = this.#records.of(tenant).filter(({ ward }) => ward !== mine)
    if (others.length === 0) return
    const found = stream.pick(others)
    const reason = `${stream.pick(['cardiac arrest', 'anaphylaxis', 'emergency consult', 'unconscious on arrival'])} ${word(stream)}`
    const taken = yield* client.send(
      this.office(tenant, `${this.#paths.access}/break-glass`, { patientId: found.id, reason }),
    )
    if (!taken.ok) return
    yield stream.between(1_500, 6_000)
    yield* this.#chart(visit, tenant, found.id)
    yield* client.send(this.send(tenant, 'POST', '/Observation', observationBody(found.id, stream)))
  }

  /** At night, for wards that are not the own: who the nurses call about. */
  *night(visit: Visit): Script {
    const { client, stream, person } = visit
    const tenant = person.account.tenant ?? ''
    for (const found of stream.some(this.#records.of(tenant), stream.int(2, 7))) {
      if (!this.#duty.covers(person.account, found, this.#world.now)) continue
      yield* this.#chart(visit, tenant, found.id)
      if (stream.chance(0.4))
        yield* client.send(this.send(tenant, 'POST', '/MedicationRequest', medicationBody(found.id, stream)))
      yield stream.exponential(25 * minute)
    }
  }

  *shift(visit: Visit): Script {
    const { client, stream, person, world } = visit
    const tenant = person.account.tenant ?? ''
    const listed = yield* client.send(this.get(tenant, '/Patient', pageQuery(world, 0)))
    yield* think(visit)
    for (const row of stream.some(itemsOf(listed.json), stream.int(3, 8))) {
      const id = textOf(row.id) ?? ''
      if (stream.chance(0.5)) yield* client.send(this.get(tenant, '/MedicationRequest', `patient=${id}`))
      for (let count = stream.int(1, 3); count > 0; count -= 1) {
        yield stream.between(4_000, 30_000)
        const made = yield* client.send(
          this.send(tenant, 'POST', '/Observation', observationBody(id, stream)),
        )
        const wrong = stream.chance(0.02) ? textOf(made.json.id) : undefined
        if (wrong === undefined) continue
        // A slip of the finger is taken back at once.
        yield* think(visit)
        yield* client.send({ ...this.get(tenant, `/Observation/${wrong}`), method: 'DELETE' })
      }
      yield* think(visit)
    }
  }

  *desk(visit: Visit): Script {
    const { client, stream, person, world } = visit
    const tenant = person.account.tenant ?? ''
    for (let count = stream.int(2, 5); count > 0; count -= 1) {
      const found = stream.pick(this.#records.of(tenant))
      const listed = yield* client.send(
        this.get(tenant, '/Patient', `name=${encodeURIComponent(found.family)}&${pageQuery(world, 0)}`),
      )
      yield* think(visit)
      if (itemsOf(listed.json).length === 0) continue
      yield* client.send(this.get(tenant, `/Patient/${found.id}`))
      yield* think(visit)
      yield* client.send(
        this.send(tenant, 'POST', '/Encounter', {
          resourceType: 'Encounter',
          status: 'in-progress',
          class: { code: 'AMB' },
          subject: { reference: `Patient/${found.id}` },
        }),
      )
      yield stream.between(minute, 10 * minute)
    }
  }

  *billing(visit: Visit): Script {
    const { client, stream, person, world } = visit
    const tenant = person.account.tenant ?? ''
    const monthEnd = world.calendar.isMonthEnd(world.now) || new Date(world.now).getUTCDate() <= 2
    // At the end of the month every page of it is gone through.
    for (let page = 0; page < (monthEnd ? 8 : 2); page += 1) {
      const listed = yield* client.send(
        this.get(tenant, '/Encounter', pageQuery(world, page * world.style.pageSize)),
      )
      yield* think(visit)
      for (const row of stream.some(itemsOf(listed.json), stream.int(1, 4))) {
        const id = isObject(row.subject) ? (textOf(row.subject.reference) ?? '').slice('Patient/'.length) : ''
        yield* client.send(this.get(tenant, `/Patient/${id}`))
        yield* think(visit)
      }
    }
    if (monthEnd || stream.chance(0.08))
      yield* client.send(this.office(tenant, `${this.#paths.reports}/exports`, { kind: 'billing' }))
    if (stream.chance(0.1)) yield* client.send(this.office(tenant, `${this.#paths.reports}/staff`))
  }

  /** Looks at samples of every house. */
  *quality(visit: Visit): Script {
    const { client, stream, world } = visit
    const tenants = [...new Set([...this.#records.patients.values()].map(({ tenant }) => tenant))]
    for (const tenant of tenants) {
      const listed = yield* client.send(
        this.get(
          tenant,
          '/Encounter',
          `service-provider=${encodeURIComponent(`Organization/${tenant}`)}&${pageQuery(world, stream.int(0, 3) * world.style.pageSize)}`,
        ),
      )
      yield* think(visit)
      for (const row of stream.some(itemsOf(listed.json), stream.int(1, 4))) {
        yield* client.send(this.get(tenant, `/Encounter/${textOf(row.id)}`))
        yield* think(visit)
      }
    }
  }
}
