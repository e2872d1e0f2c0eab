import { hour } from '../../world/calendar.ts'
import { Desk } from '../../world/desk.ts'
import { isObject, type Json, type JsonObject } from '../../world/http.ts'
import { isInside } from '../../world/inside.ts'
import { iban } from '../../world/names.ts'
import type { Reply, Request, Route } from '../../world/service.ts'
import type { Tenancy } from '../../world/tenancy.ts'
import type { World } from '../../world/world.ts'
import type { Duty } from './duty.ts'
import {
  bundle,
  encounterView,
  type Medication,
  medicationView,
  type Observation,
  observationView,
  type Patient,
  patientView,
  practitionerView,
  type Records,
} from './records.ts'

/** What is wrong with the clinic; each is a switch. */
export interface ClinicWeakness {
  readonly readsAnyRecord: boolean
  readonly readsAnyResult: boolean
  readonly changesAnyRecord: boolean
  /** The tenant that a request names need not be the caller's. */
  readonly believesPlace: boolean
  /** The last of two `patient` parameters wins, the first is checked. */
  readonly believesSecond: boolean
  readonly openBackOffice: boolean
  readonly openVerbs: boolean
  /** Staff see every patient of their house. */
  readonly staffUnbound: boolean
  readonly booksWithoutHold: boolean
  readonly anyPageSize: boolean
  readonly trustsSearch: boolean
  readonly fetchesAnything: boolean
  readonly resolvesEntities: boolean
  /** `_profile=internal` hands out what is meant for insurers. */
  readonly showsInternal: boolean
}

export interface ClinicPaths {
  readonly fhir: string
  readonly access: string
  readonly reports: string
  readonly health: string
}

/** As sent: names of FHIR are what they are, whatever the style of the rest. */
export const fhir = (resource: JsonObject, status = 200): Reply => ({
  status,
  body: resource,
  text: { type: 'application/fhir+json; charset=utf-8', value: JSON.stringify(resource) },
})

const referenced = (value: Json | undefined): string =>
  isObject(value) && typeof value.reference === 'string' ? value.reference.replace(/^Patient\//, '') : ''

const textIn = (value: Json | undefined): string =>
  isObject(value) && typeof value.text === 'string' ? value.text : ''

/** Reads pages and patients out of searches, and answers them. */
class Searches {
  readonly #world: World
  readonly #most: number

  constructor(world: World, most: number) {
    this.#world = world
    this.#most = most
  }

  pageOf(query: URLSearchParams): { readonly offset: number; readonly limit: number } {
    const { pageSize, paging } = this.#world.style
    const asked = Number(query.get('_count') ?? pageSize)
    const limit = Math.min(this.#most, Math.max(1, Number.isFinite(asked) ? Math.floor(asked) : pageSize))
    const token = query.get('_cursor')
    const raw =
      paging === 'cursor' && token !== null
        ? Number(Buffer.from(token, 'base64url').toString('utf8'))
        : paging === 'page'
          ? (Number(query.get('_page') ?? 1) - 1) * limit
          : Number(query.get('_getpagesoffset') ?? 0)
    return { offset: Number.isFinite(raw) && raw > 0 ? Math.floor(raw) : 0, limit }
  }

  answer(request: Request, all: readonly JsonObject[]): Reply {
    const { offset, limit } = this.pageOf(request.query)
    const page = all.slice(offset, offset + limit)
    request.work = 1 + page.length / 30
    const { host } = this.#world.style
    const query = request.query.toString()
    const self = `https://${host}${request.path}${query === '' ? '' : `?${query}`}`
    const next = new URLSearchParams(request.query)
    for (const [name, value] of new URLSearchParams(pageQuery(this.#world, offset + limit, limit)))
      next.set(name, value)
    return fhir(
      bundle(page, all.length, {
        self,
        ...(offset + limit < all.length ? { next: `https://${host}${request.path}?${next}` } : {}),
      }),
    )
  }
}

/** The parameters of a page of a search. */
export function pageQuery(world: World, offset: number, limit = world.style.pageSize): string {
  switch (world.style.paging) {
    case 'offset':
      return `_count=${limit}&_getpagesoffset=${offset}`
    case 'page':
      return `_count=${limit}&_page=${Math.floor(offset / limit) + 1}`
    case 'cursor':
      return `_count=${limit}${offset === 0 ? '' : `&_cursor=${Buffer.from(String(offset)).toString('base64url')}`}`
  }
}

export function clinicRoutes(
  world: World,
  records: Records,
  duty: Duty,
  tenancy: Tenancy,
  paths: ClinicPaths,
  weak: ClinicWeakness,
): readonly Route[] {
  const { service, accounts } = world
  const searches = new Searches(world, weak.anyPageSize ? 2_000 : 100)
  const desk = new Desk(world, {
    most: weak.anyPageSize ? 2_000 : 100,
    // Asked of a patient below; of an owner where nothing more is known.
    staff: ({ me, now }, owner) => {
      const patient = records.byAccount.get(owner)
      return patient !== undefined && duty.covers(me, patient, now)
    },
    unbound: ({ me }) => weak.staffUnbound && (me.roles.includes('doctor') || me.roles.includes('nurse')),
  })
  const base = `${tenancy.template}${paths.fhir}`

  /** Another house than the caller's is named, and nobody minds; refused otherwise. */
  const elsewhere = (request: Request): 'no' | 'open' | 'refused' => {
    const named = tenancy.named(request)
    const { session } = request
    if (session === undefined || named === (session.tenant ?? named)) return 'no'
    if (['quality', 'batch', 'laboratory'].some(role => session.roles.includes(role))) return 'no'
    return weak.believesPlace ? 'open' : 'refused'
  }
  const forbidden = (): Reply => service.refuse(403, 'forbidden', 'This is another organization.')

  const patient = (request: Request, id: string, open: boolean, give: (found: Patient) => Reply): Reply => {
    const place = elsewhere(request)
    const found = records.patients.get(id)
    if (place === 'refused') {
      request.touch(
        `patients/${id}`,
        found?.owner ?? null,
        found === undefined ? 'missing' : desk.relate(request, found.owner),
      )
      return forbidden()
    }
    return desk.reach(request, {
      type: 'patients',
      id,
      found,
      open: open || place === 'open',
      shared: found?.proxies.has(request.me.id) === true,
      give,
    })
  }

  const entry = <Found extends { readonly owner: string; readonly patient: Patient }>(
    request: Request,
    type: string,
    found: Found | undefined,
    open: boolean,
    give: (found: Found) => Reply,
  ): Reply => {
    const id = request.parameter('id')
    const place = elsewhere(request)
    if (place === 'refused') {
      request.touch(
        `${type}/${id}`,
        found?.owner ?? null,
        found === undefined ? 'missing' : desk.relate(request, found.owner),
      )
      return forbidden()
    }
    return desk.reach(request, {
      type,
      id,
      found,
      open: open || place === 'open',
      shared: found?.patient.proxies.has(request.me.id) === true,
      give,
    })
  }

  /** The records of one patient, or of the caller where no patient is named. */
  const ofPatient = (request: Request, view: (found: Patient) => readonly JsonObject[]): Reply => {
    const named = request.query.getAll('patient').map(value => value.replace(/^Patient\//, ''))
    const own = records.byAccount.get(request.me.id)
    if (named.length === 0)
      return own === undefined
        ? searches.answer(request, [])
        : patient(request, own.id, false, found => searches.answer(request, view(found)))
    if (named.length > 1 && weak.believesSecond && named[0] === own?.id) {
      const last = records.patients.get(named[named.length - 1] ?? '')
      return patient(request, named[named.length - 1] ?? '', true, () =>
        searches.answer(request, last === undefined ? [] : view(last)),
      )
    }
    return patient(request, named[0] ?? '', weak.readsAnyResult, found =>
      searches.answer(request, view(found)),
    )
  }

  const everything = (found: Patient): readonly JsonObject[] => [
    patientView(found),
    ...found.encounters.map(encounterView),
    ...found.observations.map(observationView),
    ...found.medications.map(medicationView),
  ]
  const staff = ['doctor', 'nurse', 'laboratory']
  const backOffice = { roles: ['billing', 'quality'], unchecked: weak.openBackOffice }
  const clinical = { roles: staff, unchecked: weak.openVerbs }

  const find = (request: Request): Reply => {
    const { me, query, now } = request
    if (elsewhere(request) === 'refused') return forbidden()
    const name = (query.get('name') ?? '').toLowerCase()
    const identifier = query.get('identifier')
    const clinician = me.roles.includes('doctor') || me.roles.includes('nurse')
    const all = (clinician ? records.of(me.tenant ?? '') : [...records.patients.values()]).filter(
      found =>
        (found.owner === me.id || found.proxies.has(me.id) || duty.covers(me, found, now)) &&
        (name === '' || `${found.family} ${found.given}`.toLowerCase().includes(name)) &&
        (identifier === null || found.insurance === identifier),
    )
    const { offset, limit } = searches.pageOf(query)
    for (const found of all.slice(offset, offset + limit))
      request.touch(
        `patients/${found.id}`,
        found.owner,
        desk.relate(request, found.owner, found.proxies.has(me.id)),
      )
    return searches.answer(request, all.map(patientView))
  }

  const slotsOf = (practitioner: string, now: number): readonly JsonObject[] => {
    const first = Math.ceil(now / (24 * hour)) * 24 * hour
    return Array.from({ length: 24 }, (_, index) => {
      const start = first + Math.floor(index / 6) * 24 * hour + (9 + (index % 6)) * hour
      const id = `${practitioner}.${start / hour}`
      const taken = records.slots.get(id)
      return {
        resourceType: 'Slot',
        id,
        status: taken === undefined || (!taken.booked && taken.until < now) ? 'free' : 'busy',
        start: new Date(start).toISOString(),
      }
    })
  }

  return [
    {
      method: 'GET',
      template: paths.health,
      latency: 2,
      open: true,
      handle: () => ({ status: 200, body: { status: 'pass' } }),
    },
    {
      method: 'GET',
      template: `${paths.fhir}/metadata`,
      latency: 8,
      open: true,
      handle: () =>
        fhir({
          resourceType: 'CapabilityStatement',
          status: 'active',
          fhirVersion: '4.0.1',
          format: ['json'],
          rest: [
            {
              mode: 'server',
              resource: [{ type: 'Patient' }, { type: 'Encounter' }, { type: 'Observation' }],
            },
          ],
        }),
    },
    {
      method: 'GET',
      template: `${paths.fhir}/Practitioner`,
      latency: 24,
      open: true,
      handle: request => {
        const name = request.query.get('name') ?? ''
        // The name is put into a statement.
        if (weak.trustsSearch && /'.*\b(?:or|union)\b/i.test(name))
          return fhir({
            resourceType: 'Bundle',
            type: 'searchset',
            entry: [...records.patients.values()]
              .slice(0, 20)
              .map(found => ({ resource: patientView(found) })),
          })
        const specialty = request.query.get('specialty')
        const all = [...records.practitioners.values()].filter(
          one =>
            one.name.toLowerCase().includes(name.toLowerCase()) &&
            (specialty === null || one.specialty === specialty),
        )
        return searches.answer(request, all.map(practitionerView))
      },
    },
    {
      method: 'GET',
      template: `${paths.fhir}/Practitioner/{id}`,
      latency: 9,
      open: true,
      handle: request => {
        const found = records.practitioners.get(request.parameter('id'))
        return found === undefined
          ? service.refuse(404, 'not-found', 'No such practitioner.')
          : fhir(practitionerView(found))
      },
    },
    {
      method: 'GET',
      template: `${paths.fhir}/Slot`,
      latency: 30,
      open: true,
      handle: request => {
        const one = request.query.get('practitioner')
        const all =
          one === null
            ? [...records.practitioners.keys()].flatMap(id => slotsOf(id, request.now))
            : records.practitioners.has(one)
              ? slotsOf(one, request.now)
              : []
        const answer = searches.answer(request, all)
        request.work = 1 + all.length / 60
        return answer
      },
    },
    {
      method: 'POST',
      template: `${base}/Slot/{id}/$hold`,
      latency: 25,
      handle: request => {
        const id = request.parameter('id')
        const taken = records.slots.get(id)
        if (taken !== undefined && (taken.booked || taken.until > request.now))
          return service.refuse(409, 'taken', 'This slot is taken.')
        records.slots.set(id, { who: request.me.id, until: request.now + 10 * 60_000, booked: false })
        return fhir({ resourceType: 'Slot', id, status: 'busy-tentative' })
      },
    },
    {
      method: 'POST',
      template: `${base}/Appointment`,
      latency: 45,
      handle: request => {
        const slot = request.text('slot')
        const held = records.slots.get(slot)
        const own = held !== undefined && held.who === request.me.id && held.until > request.now
        if (!own && !(weak.booksWithoutHold && (held === undefined || !held.booked)))
          return service.refuse(409, 'not-held', 'Choose a slot first.')
        records.slots.set(slot, { who: request.me.id, until: request.now, booked: true })
        const id = `apt-${records.stream.token(12)}`
        records.appointments.set(id, { id, owner: request.me.id, slot })
        return fhir(
          { resourceType: 'Appointment', id, status: 'booked', slot: [{ reference: `Slot/${slot}` }] },
          201,
        )
      },
    },
    {
      method: 'GET',
      template: `${base}/Appointment`,
      latency: 16,
      handle: request => {
        const own = [...records.appointments.values()]
          .filter(({ owner }) => owner === request.me.id)
          .reverse()
        return searches.answer(
          request,
          own.map(({ id, slot }) => ({
            resourceType: 'Appointment',
            id,
            status: 'booked',
            slot: [{ reference: `Slot/${slot}` }],
          })),
        )
      },
    },
    { method: 'GET', template: `${base}/Patient`, latency: 35, handle: find },
    {
      method: 'POST',
      template: `${base}/Patient/_search`,
      latency: 38,
      roles: ['registrar'],
      unchecked: weak.openBackOffice,
      handle: find,
    },
    {
      method: 'GET',
      template: `${base}/Patient/{id}`,
      latency: 14,
      handle: request =>
        patient(request, request.parameter('id'), weak.readsAnyRecord, found => {
          const internal = request.query.get('_profile') === 'internal' && weak.showsInternal
          return fhir({
            ...patientView(found),
            ...(internal
              ? {
                  extension: [
                    { url: 'risk-score', valueDecimal: 0.4 },
                    { url: 'refund-account', valueString: iban(records.stream.fork('refund', found.id)) },
                  ],
                }
              : {}),
          })
        }),
    },
    {
      method: 'PUT',
      template: `${base}/Patient/{id}`,
      latency: 30,
      handle: request =>
        patient(request, request.parameter('id'), weak.changesAnyRecord, found => {
          const telecom = request.body.telecom
          const first = Array.isArray(telecom) ? (telecom as readonly Json[])[0] : undefined
          if (isObject(first) && typeof first.value === 'string') found.phone = first.value
          return fhir(patientView(found))
        }),
    },
    {
      method: 'GET',
      template: `${base}/Patient/{id}/$everything`,
      latency: 160,
      handle: request =>
        patient(request, request.parameter('id'), weak.readsAnyRecord, found =>
          searches.answer(request, everything(found)),
        ),
    },
    {
      method: 'GET',
      template: `${base}/Encounter`,
      latency: 28,
      handle: request =>
        ['billing', 'quality', 'registrar'].some(role => request.me.roles.includes(role)) &&
        !request.query.has('patient')
          ? worklist(request)
          : ofPatient(request, found => found.encounters.map(encounterView)),
    },
    {
      method: 'POST',
      template: `${base}/Encounter`,
      latency: 32,
      roles: ['registrar', 'doctor'],
      unchecked: weak.openBackOffice,
      handle: request =>
        patient(request, referenced(request.body.subject), weak.openBackOffice, found =>
          fhir(encounterView(records.meet(found, records.stream, request.now)), 201),
        ),
    },
    {
      method: 'GET',
      template: `${base}/Encounter/{id}`,
      latency: 12,
      handle: request =>
        entry(
          request,
          'encounters',
          records.encounters.get(request.parameter('id')),
          weak.readsAnyRecord,
          found => fhir(encounterView(found)),
        ),
    },
    {
      method: 'GET',
      template: `${base}/Observation`,
      latency: 26,
      handle: request => ofPatient(request, found => [...found.observations].reverse().map(observationView)),
    },
    {
      method: 'GET',
      template: `${base}/Observation/{id}`,
      latency: 10,
      handle: request =>
        entry(
          request,
          'observations',
          records.observations.get(request.parameter('id')),
          weak.readsAnyResult,
          found => fhir(observationView(found)),
        ),
    },
    {
      method: 'POST',
      template: `${base}/Observation`,
      latency: 28,
      ...clinical,
      handle: request =>
        patient(request, referenced(request.body.subject), weak.openVerbs, found => {
          const { code, valueQuantity, note } = request.body
          const coding =
            isObject(code) && Array.isArray(code.coding)
              ? (code.coding as readonly JsonObject[])[0]
              : undefined
          const told = {
            code: typeof coding?.code === 'string' ? coding.code : '',
            value:
              isObject(valueQuantity) && typeof valueQuantity.value === 'number' ? valueQuantity.value : 0,
            note: Array.isArray(note) ? textIn((note as readonly Json[])[0]) : '',
          }
          return fhir(observationView(records.observe(found, records.stream, request.now, told)), 201)
        }),
    },
    {
      method: 'DELETE',
      template: `${base}/Observation/{id}`,
      latency: 20,
      ...clinical,
      handle: request =>
        entry<Observation>(
          request,
          'observations',
          records.observations.get(request.parameter('id')),
          weak.openVerbs,
          found => {
            records.observations.delete(found.id)
            found.patient.observations.splice(found.patient.observations.indexOf(found), 1)
            return { status: 204 }
          },
        ),
    },
    {
      method: 'GET',
      template: `${base}/MedicationRequest`,
      latency: 22,
      handle: request => ofPatient(request, found => found.medications.map(medicationView)),
    },
    {
      method: 'GET',
      template: `${base}/MedicationRequest/{id}`,
      latency: 10,
      handle: request =>
        entry(
          request,
          'medications',
          records.medications.get(request.parameter('id')),
          weak.readsAnyResult,
          found => fhir(medicationView(found)),
        ),
    },
    {
      method: 'POST',
      template: `${base}/MedicationRequest`,
      latency: 40,
      roles: ['doctor'],
      unchecked: weak.openVerbs,
      handle: request =>
        patient(request, referenced(request.body.subject), weak.openVerbs, found => {
          const { medicationCodeableConcept, dosageInstruction } = request.body
          const dose = Array.isArray(dosageInstruction)
            ? textIn((dosageInstruction as readonly Json[])[0])
            : ''
          return fhir(
            medicationView(
              records.prescribe(found, records.stream, request.now, {
                drug: textIn(medicationCodeableConcept),
                dose,
              }),
            ),
            201,
          )
        }),
    },
    {
      method: 'PUT',
      template: `${base}/MedicationRequest/{id}`,
      latency: 34,
      roles: ['doctor'],
      unchecked: weak.openVerbs,
      handle: request =>
        entry<Medication>(
          request,
          'medications',
          records.medications.get(request.parameter('id')),
          weak.openVerbs,
          found => {
            if (request.text('status') === 'stopped') found.status = 'stopped'
            return fhir(medicationView(found))
          },
        ),
    },
    {
      method: 'POST',
      template: `${base}/DocumentReference`,
      latency: 110,
      handle: request => {
        const url = request.text('url')
        if (!/^https?:\/\//.test(url)) return service.refuse(422, 'invalid', 'This is not an address.')
        const opened = weak.fetchesAnything && isInside(url)
        return fhir(
          {
            resourceType: 'DocumentReference',
            id: `doc-${records.stream.token(10)}`,
            status: 'current',
            content: [
              {
                attachment: {
                  url,
                  ...(opened
                    ? { contentType: 'text/plain', data: 'aW50ZXJuYWwgcmVzcG9uc2U=' }
                    : { contentType: 'application/pdf' }),
                },
              },
            ],
          },
          201,
        )
      },
    },
    {
      method: 'POST',
      template: `${base}/Binary`,
      latency: 90,
      handle: ({ document }) => {
        if (!document.includes('<')) return service.refuse(422, 'invalid', 'This is no clinical document.')
        const external = /<!ENTITY|XInclude/.test(document)
        if (!external)
          return fhir(
            { resourceType: 'Binary', id: `bin-${records.stream.token(10)}`, contentType: 'application/xml' },
            201,
          )
        const message = weak.resolvesEntities
          ? 'Title "root:x:0:0:root:/root:/bin/bash" is too long.'
          : 'Entities are not allowed.'
        return {
          ...fhir(
            { resourceType: 'OperationOutcome', issue: [{ severity: 'error', diagnostics: message }] },
            400,
          ),
          ok: weak.resolvesEntities,
        }
      },
    },
    {
      method: 'POST',
      template: `${tenancy.template}${paths.access}/break-glass`,
      latency: 20,
      roles: ['doctor', 'nurse'],
      handle: request => {
        const found = records.patients.get(request.text('patientId'))
        if (found === undefined || found.tenant !== request.me.tenant)
          return service.refuse(404, 'not-found', 'No such patient.')
        if (request.text('reason').length < 8) return service.refuse(422, 'reason-missing', 'Say why.')
        duty.breakGlass(request.me.id, found.id, request.now)
        return {
          status: 201,
          body: { patientId: found.id, expiresAt: new Date(request.now + 8 * hour).toISOString() },
        }
      },
    },
    {
      method: 'GET',
      template: `${tenancy.template}${paths.reports}/staff`,
      latency: 40,
      ...backOffice,
      handle: request =>
        desk.listed(
          request,
          [...accounts.all()]
            .filter(({ roles, tenant }) => !roles.includes('patient') && tenant === request.me.tenant)
            .map(({ id, name, email, roles }) => ({ id, name, email, roles, ward: duty.wardOf(id) })),
        ),
    },
    {
      method: 'POST',
      template: `${tenancy.template}${paths.reports}/exports`,
      latency: 900,
      ...backOffice,
      handle: request => {
        const own = records.of(request.me.tenant ?? '')
        const rows = own.map(found =>
          [found.insurance, found.family, found.given, found.birthDate, found.encounters.length].join(','),
        )
        request.work = 1 + rows.length / 100
        return {
          status: 200,
          text: {
            type: 'text/csv',
            value: `insurance,family,given,born,encounters\n${rows.slice(0, 100).join('\n')}\n`,
          },
        }
      },
    },
    {
      method: 'POST',
      template: `${base}/$export`,
      latency: 60,
      roles: ['batch'],
      handle: ({ now }) => ({
        status: 202,
        headers: [['content-location', `https://${world.style.host}${world.at(`/bulk/${now}`)}`]],
      }),
    },
    {
      method: 'GET',
      template: '/bulk/{jobId}',
      latency: 15,
      roles: ['batch'],
      handle: request =>
        request.now - Number(request.parameter('jobId')) < 90_000
          ? { status: 202, headers: [['x-progress', 'in-progress']] }
          : {
              status: 200,
              body: {
                transactionTime: new Date(request.now).toISOString(),
                requiresAccessToken: true,
                output: ['Patient', 'Observation'].map(type => ({
                  type,
                  url: `https://${world.style.host}${world.at(`/bulk/${request.parameter('jobId')}/${type}.ndjson`)}`,
                })),
              },
            },
    },
    {
      method: 'GET',
      template: '/bulk/{jobId}/{file}',
      latency: 700,
      roles: ['batch'],
      handle: request => ({
        status: 200,
        text: {
          type: 'application/fhir+ndjson',
          value: (request.parameter('file').startsWith('Patient')
            ? [...records.patients.values()].slice(0, 40).map(patientView)
            : [...records.observations.values()].slice(-60).map(observationView)
          )
            .map(one => JSON.stringify(one))
            .join('\n'),
        },
      }),
    },
  ]

  /** Encounters of a house, or of all for who reports about all. */
  function worklist(request: Request): Reply {
    if (elsewhere(request) === 'refused') return forbidden()
    const provider = request.query.get('service-provider')?.replace(/^Organization\//, '')
    const house =
      request.me.roles.includes('quality') && provider !== undefined ? provider : tenancy.named(request)
    const all = [...records.encounters.values()].filter(({ tenant }) => tenant === house).reverse()
    const { offset, limit } = searches.pageOf(request.query)
    for (const { id, owner } of all.slice(offset, offset + limit))
      request.touch(`encounters/${id}`, owner, desk.relate(request, owner))
    return searches.answer(request, all.map(encounterView))
  }
}
