import { type App, type Deploy, defineApp } from '../../world/app.ts'
import { day, hour, minute } from '../../world/calendar.ts'
import { Client } from '../../world/client.ts'
import { Crowd, type Visit } from '../../world/crowd.ts'
import { program } from '../../world/device.ts'
import { machine } from '../../world/machine.ts'
import { phone } from '../../world/names.ts'
import { passerBy } from '../../world/passer-by.ts'
import { Tenancy } from '../../world/tenancy.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { ClinicBehaviour } from './behaviour.ts'
import { Duty } from './duty.ts'
import { observationBody, patientView, Records, wards } from './records.ts'
import { type ClinicPaths, type ClinicWeakness, clinicRoutes, fhir, pageQuery } from './routes.ts'

export const clinic = defineApp({
  id: 'clinic',
  title: 'Hospitals on one FHIR server: wards, on-call duty, emergencies, a laboratory',
  build,
})

const names = ['saint-anna', 'riverside', 'north-hill'] as const

function build(world: World): App {
  const { style, stream, service, accounts } = world
  const flag = (name: string, probability: number): boolean => style.flag(name, probability)
  const weak: ClinicWeakness = {
    readsAnyRecord: flag('reads-any-record', 0.6),
    readsAnyResult: flag('reads-any-result', 0.6),
    changesAnyRecord: flag('changes-any-record', 0.5),
    believesPlace: flag('believes-place', 0.6),
    believesSecond: flag('believes-second', 0.6),
    openBackOffice: flag('open-back-office', 0.6),
    openVerbs: flag('open-verbs', 0.6),
    staffUnbound: flag('staff-unbound', 0.7),
    booksWithoutHold: flag('books-without-hold', 0.6),
    anyPageSize: flag('any-page-size', 0.6),
    trustsSearch: flag('trusts-search', 0.5),
    fetchesAnything: flag('fetches-anything', 0.6),
    resolvesEntities: flag('resolves-entities', 0.5),
    showsInternal: flag('shows-internal', 0.6),
  }
  const paths: ClinicPaths = {
    fhir: style.choose('fhir', ['/fhir', '/fhir/R4', '']),
    access: `/${style.noun('access', 'privileges', 'emergency-access')}`,
    reports: `/${style.noun('reports', 'administration', 'controlling')}`,
    health: style.noun('/health', '/healthz', '/q/health'),
  }
  const tenancy = new Tenancy(world, { nouns: ['organizations', 'orgs', 'sites'] })
  const records = new Records(world)
  const duty = new Duty()
  const behaviour = new ClinicBehaviour(world, records, duty, tenancy, paths)
  service.route(...clinicRoutes(world, records, duty, tenancy, paths, weak))
  // Who registers chooses a house.
  accounts.onRegister = account => {
    const own = stream.fork('newcomer', account.email)
    account.roles = ['patient']
    account.tenant = own.pick(tenants)
    records.admit(account, account.tenant, own, world.now)
  }

  const tenantStream = stream.fork('tenants')
  const tenants = names.map(name => tenancy.id(name, tenantStream))
  const crowd = new Crowd(world)
  behaviour.register(crowd)
  for (const tenant of tenants) {
    for (let index = 0; index < 34; index += 1) {
      const { account } = crowd.add({
        role: 'patient',
        roles: ['patient'],
        tenant,
        visits: 0.28,
        phones: 0.6,
        secondFactor: index % 5 === 0,
      })
      records.admit(account, tenant, stream.fork('admit', account.email), world.start)
    }
    const office = world.networks.office(stream.fork('office', tenant))
    const staff = (role: string, count: number, visits: number): void => {
      for (let index = 0; index < count; index += 1) {
        const person = crowd.add({ role, roles: [role], tenant, visits, rhythm: 'office', office })
        duty.join(person, wards[index % wards.length] ?? wards[0])
      }
    }
    staff('doctor', 4, 1.2)
    staff('nurse', 6, 1)
    staff('registrar', 1, 2.5)
    staff('billing', 2, 1)
  }
  const central = world.networks.office(stream.fork('central'))
  for (let index = 0; index < 2; index += 1)
    crowd.add({ role: 'quality', roles: ['quality'], visits: 0.9, rhythm: 'office', office: central })
  // Parents and grown-up children.
  const own = stream.fork('families')
  const families = crowd.of('patient')
  for (const [index, patient] of [...records.patients.values()].entries()) {
    const relative = own.pick(families).account
    if (index % 6 === 0 && relative.id !== patient.owner) patient.proxies.add(relative.id)
  }

  const laboratory = machine(world, {
    name: 'laboratory',
    roles: ['laboratory'],
    software: 'java',
    agent: 'lab-connect/4.4',
  })
  const exporter = machine(world, {
    name: 'export',
    roles: ['batch'],
    software: 'python',
    agent: 'warehouse-export/2.1',
  })

  /** Results of the last hours, patient by patient. */
  function* results(): Script {
    const client = laboratory()
    for (const patient of client.stream.some([...records.patients.values()], client.stream.int(6, 14))) {
      yield* client.send(behaviour.get(patient.tenant, `/Patient/${patient.id}`))
      for (let count = client.stream.int(1, 3); count > 0; count -= 1) {
        yield* client.send(
          behaviour.send(patient.tenant, 'POST', '/Observation', observationBody(patient.id, client.stream)),
        )
        yield client.stream.about(300, 0.5)
      }
    }
  }

  /** All houses, every night. */
  function* exports(): Script {
    const client = exporter()
    for (const tenant of tenants) {
      const begun = yield* client.send(
        behaviour.send(tenant, 'POST', '/$export', { resourceType: 'Parameters' }),
      )
      const location = begun.headers.find(([name]) => name === 'content-location')?.[1]
      if (location === undefined) return
      const path = new URL(location).pathname
      for (let tries = 0; tries < 6; tries += 1) {
        yield 30_000
        if ((yield* client.send({ method: 'GET', path })).status === 200) break
      }
      for (const file of ['Patient.ndjson', 'Observation.ndjson']) {
        yield* client.send({ method: 'GET', path: `${path}/${file}` })
        yield client.stream.about(2_000, 0.4)
      }
    }
  }

  /** Announced by a deploy: every encounter is read once and written into the new archive. */
  function* migrate(): Script {
    const client = exporter()
    for (const one of [...records.encounters.values()]) {
      yield* client.send(behaviour.get(one.tenant, `/Encounter/${one.id}`))
      yield client.stream.about(400, 0.3)
    }
  }

  const monitorNetwork = world.networks.datacentre(stream.fork('monitor'))
  const monitorDevice = program('go', 'machine/monitor', 'blackbox-exporter/0.27')
  function* watch(until: number): Script {
    const client = new Client(world, monitorDevice, monitorNetwork, stream.fork('monitor', world.now))
    while (world.now < until) {
      yield* client.send({ method: 'GET', path: world.at(paths.health) })
      yield 15 * minute + client.stream.between(-900, 900)
    }
  }

  const plan = (midnight: number): void => {
    const today = stream.fork('plan', midnight)
    for (const at of [7, 11, 15, 19])
      world.timeline.play(midnight + at * hour + today.int(0, 25 * minute), results())
    world.timeline.play(midnight + hour + today.int(0, 9 * minute), exports())
    world.timeline.play(midnight + today.int(0, minute), watch(midnight + day - 10 * minute))
    for (const tenant of tenants)
      for (const at of [1, 4, 19, 22]) {
        if (today.chance(0.4)) continue
        const time = midnight + at * hour + today.int(0, 90 * minute)
        const person = duty.onCall(tenant, time)
        if (person !== undefined)
          crowd.visit(person, time, visit => behaviour.night(visit), today.fork('night', tenant, at))
      }
    for (let count = today.poisson(0.6); count > 0; count -= 1)
      crowd.join(
        world.calendar.moment(today, midnight, 'leisure'),
        { role: 'patient', visits: 0.25, phones: 0.7 },
        visit => behaviour.patient(visit),
      )
    for (
      let count = today.poisson(14 * world.calendar.busyness(midnight, 'leisure'));
      count > 0;
      count -= 1
    ) {
      const own = stream.fork('passer-by', midnight, count)
      world.timeline.play(
        world.calendar.moment(today, midnight, 'leisure'),
        behaviour.directory({ client: passerBy(world, own), stream: own }),
      )
    }
  }

  function* insured(visit: Visit): Script {
    yield* behaviour.patient(visit)
    if (visit.stream.chance(0.3))
      yield* visit.client.send(behaviour.get(visit.person.account.tenant ?? '', '/Coverage'))
  }

  const deploys: readonly Deploy[] = [
    {
      id: 'coverage',
      time: world.windowTime(4, 10.3),
      changes: ['GET /Coverage', 'field preferredLanguage of the profile'],
      apply: () => {
        service.route({
          method: 'GET',
          template: `${tenancy.template}${paths.fhir}/Coverage`,
          latency: 20,
          handle: ({ me }) => {
            const patient = records.byAccount.get(me.id)
            return fhir({
              resourceType: 'Bundle',
              type: 'searchset',
              total: patient === undefined ? 0 : 1,
              entry:
                patient === undefined
                  ? []
                  : [
                      {
                        resource: {
                          resourceType: 'Coverage',
                          id: `cov-${patient.id}`,
                          status: 'active',
                          subscriberId: patient.insurance,
                          period: { start: '2026-01-01' },
                        },
                      },
                    ],
            })
          },
        })
        for (const account of accounts.all()) account.extra.preferredLanguage = 'de'
        crowd.does('patient', insured)
      },
    },
    {
      id: 'archive',
      time: world.windowTime(9, 20.2),
      changes: ['answers a tenth slower', 'every encounter is read once by the export job'],
      apply: () => {
        service.slowness = 1.1
        world.timeline.play(world.now + 20 * minute, migrate())
      },
    },
  ]

  const patientOf = (account: string | undefined) =>
    account === undefined ? undefined : records.byAccount.get(account)
  const anyPatient = (from: typeof stream) => from.pick([...records.patients.values()])
  const home = (account: string | undefined): string => patientOf(account)?.tenant ?? tenants[0] ?? ''
  /** Where somebody asks for a record: in their own house, or, without somebody, in the house that has it. */
  const place = (found: { readonly tenant: string } | undefined, client: Client | undefined): string =>
    client === undefined ? (found?.tenant ?? tenants[0] ?? '') : home(client.account)
  return {
    crowd,
    deploys,
    parameters: { ...weak, paths: { ...paths }, tenants },
    plan,
    ordinary: () => crowd.of('patient'),
    surface: {
      resources: [
        {
          type: 'patients',
          owned: () => [...records.patients.values()],
          read: (id, client) => behaviour.get(place(records.patients.get(id), client), `/Patient/${id}`),
          write: (id, from, client) => {
            const found = records.patients.get(id)
            return behaviour.send(place(found, client), 'PUT', `/Patient/${id}`, {
              ...(found === undefined ? { resourceType: 'Patient', id } : patientView(found)),
              telecom: [{ system: 'phone', value: phone(from) }],
            })
          },
          guess: from => records.patientIds.guess(from, world.now),
        },
        {
          type: 'observations',
          owned: () => [...records.observations.values()],
          read: (id, client) =>
            behaviour.get(place(records.observations.get(id), client), `/Observation/${id}`),
          guess: from => records.observationIds.guess(from, world.now),
        },
        {
          type: 'encounters',
          owned: () => [...records.encounters.values()],
          read: (id, client) => behaviour.get(place(records.encounters.get(id), client), `/Encounter/${id}`),
          guess: from => records.encounterIds.guess(from, world.now),
        },
      ],
      browse: visit => behaviour.patient(visit),
      privileged: [
        {
          title: 'staff',
          verb: false,
          ask: (_, client) => behaviour.office(home(client.account), `${paths.reports}/staff`),
        },
        {
          title: 'export',
          verb: false,
          ask: (_, client) =>
            behaviour.office(home(client.account), `${paths.reports}/exports`, { kind: 'billing' }),
        },
        {
          title: 'search for anybody',
          verb: false,
          ask: (_, client) => behaviour.send(home(client.account), 'POST', '/Patient/_search', {}),
        },
        {
          title: 'an observation taken back',
          verb: true,
          ask: (from, client) => ({
            ...behaviour.get(
              home(client.account),
              `/Observation/${from.pick([...records.observations.keys()])}`,
            ),
            method: 'DELETE',
          }),
        },
        {
          title: 'an order stopped',
          verb: true,
          ask: (from, client) => {
            const { id } = from.pick([...records.medications.values()])
            return behaviour.send(home(client.account), 'PUT', `/MedicationRequest/${id}`, {
              resourceType: 'MedicationRequest',
              id,
              status: 'stopped',
            })
          },
        },
      ],
      massAssignment: [
        {
          ask: () => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            body: { roles: ['patient', 'doctor'] },
          }),
          took: answer => Array.isArray(answer.roles) && answer.roles.includes('doctor'),
        },
      ],
      catalogue: {
        page: (offset, limit) => behaviour.open('/Practitioner', pageQuery(world, offset, limit)),
        item: id => behaviour.open(`/Practitioner/${id}`),
        total: () => records.practitioners.size,
      },
      exports: [
        {
          role: 'quality',
          ask: from => behaviour.office(from.pick(tenants), `${paths.reports}/exports`, { kind: 'billing' }),
        },
      ],
      bulk: {
        role: 'quality',
        ask: index => {
          const one = [...records.patients.values()][index % records.patients.size]
          return behaviour.get(one?.tenant ?? '', `/Patient/${one?.id}`)
        },
        total: () => records.patients.size,
      },
      expensive: [{ ask: from => behaviour.open('/Slot', pageQuery(world, from.int(0, 9) * 100, 100)) }],
      exposure: {
        ask: account => {
          const patient = patientOf(account.id)
          return patient === undefined
            ? undefined
            : behaviour.get(patient.tenant, `/Patient/${patient.id}`, '_profile=internal')
        },
        exposed: answer => answer.extension !== undefined,
      },
      flow: {
        title: 'appointment',
        run: visit => behaviour.book(visit),
        *skip({ client, person, stream: from }) {
          const practitioner = from.pick([...records.practitioners.keys()])
          const at = Math.ceil(world.now / day) * day + (9 + from.int(0, 5)) * hour + from.int(0, 3) * day
          yield* client.send(
            behaviour.appointment(person.account.tenant ?? '', `${practitioner}.${at / hour}`),
          )
        },
      },
      inputs: [
        {
          kind: 'text',
          ask: value => behaviour.open('/Practitioner', `name=${encodeURIComponent(value)}`),
          worked: ({ text }) => text.includes('@'),
        },
        {
          kind: 'json',
          ask: value => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            text: { type: 'application/json', value },
          }),
        },
        { kind: 'path', ask: value => behaviour.open(`/Practitioner/${encodeURIComponent(value)}`) },
        {
          kind: 'url',
          ask: (value, client) =>
            behaviour.send(home(client.account), 'POST', '/DocumentReference', {
              resourceType: 'DocumentReference',
              url: value,
            }),
          worked: ({ text }) => text.includes('"data":'),
        },
        {
          kind: 'xml',
          ask: (value, client) => ({
            ...behaviour.letter(home(client.account), '', stream.fork('letter')),
            text: { type: 'application/xml', value },
          }),
          worked: ({ ok }) => ok,
        },
      ],
      support: {
        role: 'doctor',
        resource: 'patients',
        reads: id => {
          const patient = patientOf(id)
          return behaviour.get(patient?.tenant ?? '', `/Patient/${patient?.id ?? id}`)
        },
      },
      services: [
        {
          client: laboratory,
          usual: from => {
            const one = anyPatient(from)
            return behaviour.get(one.tenant, `/Patient/${one.id}`)
          },
        },
      ],
      afterTakeover: (client, from) => {
        const patient = patientOf(client.account)
        if (patient === undefined) return []
        return [
          { method: 'GET', path: world.at(accounts.paths.me) },
          behaviour.get(patient.tenant, `/Patient/${patient.id}`),
          behaviour.get(patient.tenant, `/Patient/${patient.id}/$everything`),
          behaviour.send(patient.tenant, 'PUT', `/Patient/${patient.id}`, {
            ...patientView(patient),
            telecom: [{ system: 'phone', value: phone(from) }],
          }),
        ]
      },
      more: {
        'parameter-pollution': (client, from) => {
          const mine = patientOf(client.account)
          const other = anyPatient(from)
          return mine === undefined
            ? []
            : [behaviour.get(mine.tenant, '/Observation', `patient=${mine.id}&patient=${other.id}`)]
        },
      },
    },
  }
}
