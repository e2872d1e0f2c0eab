/** What starting a program in a container says. */
export type ProcessKind = 'remote-shell' | 'shell' | 'package-manager' | 'network-tool' | 'other'

const shells = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'csh', 'tcsh', 'fish', 'busybox', 'pwsh'])
const packageManagers = new Set([
  ...['apt', 'apt-get', 'aptitude', 'dpkg', 'apk', 'yum', 'dnf', 'microdnf', 'rpm', 'zypper', 'pacman'],
  ...['pip', 'pip3', 'npm', 'gem', 'cargo'],
])
const networkTools = new Set([
  ...[
    'nc',
    'ncat',
    'netcat',
    'socat',
    'nmap',
    'masscan',
    'tcpdump',
    'telnet',
    'ssh',
    'scp',
    'chisel',
    'frpc',
  ],
  ...['kubectl', 'crictl', 'nsenter', 'curl', 'wget', 'aws', 'gcloud', 'az', 'xmrig'],
])
/** `/dev/tcp/` in a shell, an interactive shell on a socket, netcat that runs a program. */
const remote =
  /\/dev\/(?:tcp|udp)\/|\b(?:ba|z|k|da)?sh -i\b|\bnc(?:at)? [^|;&]{0,80}-[a-z]{0,4}[ec]\b|\bsocat [^|;&]{0,200}exec:/i

export interface Process {
  readonly kind: ProcessKind
  /** The program's own name, without its path. */
  readonly name: string
}

/** @param object Path of the program, perhaps with its arguments. */
export function processOf(object: string | undefined): Process {
  const text = (object ?? '').trim().slice(0, 1_024)
  const end = text.search(/\s/)
  const path = end < 0 ? text : text.slice(0, end)
  const name = (path.slice(path.lastIndexOf('/') + 1) || 'a program').slice(0, 64)
  const bare = name.toLowerCase().replace(/(?:\d+(?:\.\d+)*)?$/, '')
  if (remote.test(text)) return { kind: 'remote-shell', name }
  if (shells.has(bare)) return { kind: 'shell', name }
  if (packageManagers.has(bare) || packageManagers.has(name)) return { kind: 'package-manager', name }
  return { kind: networkTools.has(bare) ? 'network-tool' : 'other', name }
}

/** What touching a file says. */
export type FileKind = 'token' | 'secret' | 'system' | 'other'

const tokens =
  /\/(?:run|var\/run)\/secrets\/(?:kubernetes\.io\/serviceaccount|eks\.amazonaws\.com\/serviceaccount|azure\/tokens|tokens)\//
const secrets =
  /^\/etc\/(?:shadow|gshadow)|\/\.ssh\/id_|\/\.aws\/credentials|\/\.kube\/config|\/\.docker\/config\.json|^\/proc\/(?:\d{1,9}|self)\/environ$|\/\.netrc$|\/\.git-credentials$/
const system =
  /^\/(?:etc\/(?:passwd|shadow|gshadow|sudoers|crontab|cron\.|ld\.so\.preload|pam\.d|profile|ssh\/)|root\/\.ssh\/|usr\/(?:local\/)?s?bin\/|s?bin\/|lib(?:64)?\/|usr\/lib\/|var\/spool\/cron)|\/\.ssh\/authorized_keys$|\/\.bashrc$/

export function fileOf(path: string | undefined, writes: boolean): FileKind {
  const text = (path ?? '').trim().slice(0, 1_024)
  if (tokens.test(text)) return 'token'
  if (writes && system.test(text)) return 'system'
  return secrets.test(text) ? 'secret' : 'other'
}
