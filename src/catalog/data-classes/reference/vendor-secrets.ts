import { crc32 } from 'node:zlib'
import { entropyOf, isPlaceholder } from './randomness.ts'

/** A secret that its issuer marks by a prefix: public documentation of secret formats. */
export interface VendorSecret {
  readonly id: string
  readonly prefix: string
  /** What follows the prefix; bounded counts only, so that matching is linear. */
  readonly body: RegExp
  /** Bits a character below which it is a placeholder. */
  readonly entropy: number
  readonly check?: (text: string) => boolean
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The last six of GitHub's classic tokens are the CRC-32 of what precedes them, in base 62. */
export function isGithubChecked(text: string): boolean {
  const separator = text.indexOf('_')
  const body = text.slice(separator + 1)
  let sum = crc32(body.slice(0, -6))
  let digits = ''
  for (let index = 0; index < 6; index += 1) {
    digits = base62[sum % 62] + digits
    sum = Math.floor(sum / 62)
  }
  return digits === body.slice(-6)
}

const define = (
  id: string,
  prefixes: string,
  body: string,
  entropy = 3,
  check?: (text: string) => boolean,
): readonly VendorSecret[] =>
  prefixes.split(' ').map(prefix => ({
    id,
    prefix,
    body: new RegExp(body, 'y'),
    entropy,
    ...(check === undefined ? {} : { check }),
  }))

export const vendorSecrets: readonly VendorSecret[] = [
  ...define('aws-key', 'AKIA ASIA ABIA ACCA', '[A-Z2-7]{16}(?![A-Za-z0-9])'),
  ...define('aws-bedrock-key', 'ABSK', '[A-Za-z0-9+/]{109,269}={0,2}(?![\\w+/=])', 2),
  ...define('aws-bedrock-key', 'bedrock-api-key-', 'YmVkcm9jay5hbWF6b25hd3MuY29t[\\w=%+/-]{0,2000}'),
  ...define('github-token', 'ghp_ gho_ ghu_ ghs_ ghr_', '[A-Za-z0-9]{36}(?![A-Za-z0-9])', 3, isGithubChecked),
  ...define('github-token', 'github_pat_', '\\w{82}(?!\\w)'),
  ...define(
    'gitlab-token',
    'glpat- gldt- glft- glsoat- glrt- glptt- glcbt- glimt- glagent- gloas- glffct-',
    '[\\w-]{20,300}(?:\\.[0-9a-z]{2}\\.?[0-9a-z]{7})?',
    3.5,
  ),
  ...define('gitlab-token', 'GR1348941', '[\\w-]{20}(?![\\w-])', 3.2),
  ...define(
    'slack-token',
    'xoxb- xoxp- xoxa- xoxr- xoxs- xoxo-',
    '(?=[\\w-]{0,60}\\d{6})[0-9A-Za-z-]{14,250}(?![\\w#*-])',
    2,
  ),
  ...define('slack-token', 'xoxe.xoxb- xoxe.xoxp-', '\\d-[A-Za-z0-9]{160,170}'),
  ...define('slack-token', 'xoxe-', '\\d-[A-Za-z0-9]{140,150}'),
  ...define('slack-token', 'xapp-', '\\d-[A-Z0-9]{6,20}-\\d{6,20}-[a-z0-9]{20,90}', 2),
  ...define(
    'slack-webhook',
    'hooks.slack.com/services/ hooks.slack.com/workflows/',
    '[A-Z]\\w{6,20}/[A-Z]\\w{6,20}/[\\w/]{18,60}',
  ),
  ...define('stripe-key', 'sk_live_ rk_live_ sk_test_ rk_test_ sk_prod_ rk_prod_', '[A-Za-z0-9]{10,250}', 2),
  ...define('stripe-key', 'whsec_', '[A-Za-z0-9+/]{24,100}={0,2}'),
  ...define('google-key', 'AIza', '[\\w-]{35}(?![\\w-])', 4),
  ...define('google-token', 'ya29.', '[\\w-]{20,500}'),
  ...define('google-secret', 'GOCSPX-', '[\\w-]{28}(?![\\w-])'),
  ...define('anthropic-key', 'sk-ant-api03- sk-ant-admin01-', '[\\w-]{93}AA(?![\\w-])'),
  ...define('openai-key', 'sk-proj- sk-svcacct- sk-admin-', '[\\w-]{40,300}'),
  ...define('openai-key', 'sk-', '[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}(?![A-Za-z0-9])'),
  ...define('huggingface-token', 'hf_ api_org_', '[A-Za-z]{34}(?![A-Za-z0-9_])', 3.7),
  ...define('npm-token', 'npm_', '[A-Za-z0-9]{36}(?![A-Za-z0-9])'),
  ...define('pypi-token', 'pypi-AgEIcHlwaS5vcmc', '[\\w-]{50,1000}'),
  ...define('sendgrid-key', 'SG.', '[\\w-]{16,64}\\.[\\w-]{16,64}'),
  ...define('digitalocean-token', 'dop_v1_ doo_v1_ dor_v1_', '[0-9a-f]{64}(?![0-9a-f])'),
  ...define('shopify-token', 'shpat_ shpca_ shppa_ shpss_', '[0-9a-fA-F]{32}(?![0-9a-fA-F])'),
  ...define('vault-token', 'hvs. hvb.', '[\\w-]{80,300}', 3.5),
  ...define(
    'vault-token',
    's.',
    '(?=[A-Za-z0-9]{0,20}\\d)(?=[A-Za-z0-9]{0,20}[A-Z])[A-Za-z0-9]{24}(?![\\w.])',
    3.8,
  ),
  ...define('terraform-token', '.atlasv1.', '[\\w=-]{60,70}', 3.5),
  ...define('sonar-token', 'sqa_ sqp_ squ_', '[a-z0-9=-]{40}(?![a-z0-9=_-])', 3),
  ...define('sourcegraph-token', 'sgp_', '(?:(?:[0-9a-fA-F]{16}|local)_)?[0-9a-fA-F]{40}(?![0-9a-zA-Z])', 3),
  ...define('notion-token', 'ntn_', '\\d{11}[A-Za-z0-9]{35}(?![A-Za-z0-9])', 4),
  ...define('sentry-token', 'sntrys_', 'eyJ[\\w+/=-]{80,400}', 4),
  ...define('sentry-token', 'sntryu_', '[0-9a-f]{64}', 3.5),
  ...define('onepassword-token', 'ops_eyJ', '[\\w+/-]{250,3000}={0,3}', 4),
  ...define(
    'onepassword-key',
    'A3-',
    '[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}(?![A-Z0-9-])',
    3.5,
  ),
  ...define('atlassian-token', 'ATATT3', '[\\w=-]{186}', 3.5),
  ...define('age-key', 'AGE-SECRET-KEY-1', '[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}', 0),
  ...define('grafana-token', 'glc_', '[A-Za-z0-9+/]{32,400}={0,3}', 3.2),
  ...define('grafana-token', 'glsa_', '[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}', 3),
  ...define('grafana-token', 'eyJrIjoi', '[A-Za-z0-9]{70,400}={0,3}'),
  ...define('linear-key', 'lin_api_', '[A-Za-z0-9]{40}'),
  ...define('postman-key', 'PMAK-', '[0-9a-f]{24}-[0-9a-f]{34}'),
  ...define('rubygems-key', 'rubygems_', '[0-9a-f]{48}'),
  ...define('docker-token', 'dckr_pat_', '[\\w-]{27}'),
  ...define('doppler-token', 'dp.pt.', '[A-Za-z0-9]{43}'),
  ...define('perplexity-key', 'pplx-', '[A-Za-z0-9]{48}', 4),
  ...define('groq-key', 'gsk_', '[A-Za-z0-9]{52}'),
  ...define('tailscale-key', 'tskey-', '[a-z]{4,12}-[A-Za-z0-9]{8,20}-[A-Za-z0-9]{20,40}'),
  ...define('facebook-token', 'EAAC EAAM', '[A-Za-z0-9]{100,600}(?![A-Za-z0-9])', 4),
  ...define('square-token', 'EAAA', '[\\w-]{60}(?![\\w-])', 3.5),
  ...define('square-token', 'sq0atp- sq0csp-', '[\\w-]{22,60}', 2),
  ...define('databricks-token', 'dapi', '[a-f0-9]{32}(?:-\\d)?(?![A-Za-z0-9])', 3),
  ...define('flyio-token', 'fo1_', '[\\w-]{43}(?![\\w-])', 3.5),
  ...define('flyio-token', 'fm1a_ fm1r_ fm2_', '[A-Za-z0-9+/]{100,3000}={0,3}', 4),
  ...define('heroku-key', 'HRKU-AA', '[\\w-]{58}(?![\\w-])', 4),
  ...define('infracost-token', 'ico-', '[A-Za-z0-9]{32}(?![A-Za-z0-9.])', 3),
  ...define('clickhouse-key', '4b1d', '[A-Za-z0-9]{38}(?![A-Za-z0-9])', 3),
  ...define('cloudflare-key', 'v1.0-', '[a-f0-9]{24}-[a-f0-9]{146}', 2),
  ...define('clojars-token', 'CLOJARS_', '[a-z0-9]{60}(?![a-z0-9])', 2),
  ...define('intra42-secret', 's-s4t2ud- s-s4t2af-', '[a-f0-9]{64}', 3),
  ...define('octopus-key', 'API-', '[A-Z0-9]{26}(?![A-Z0-9])', 3),
  ...define('openshift-token', 'sha256~', '[\\w-]{43}(?![\\w-])', 3.5),
  ...define('prefect-token', 'pnu_', '[A-Za-z0-9]{36}', 3),
  ...define('pulumi-token', 'pul-', '[a-f0-9]{40}(?![a-f0-9])', 2),
  ...define('readme-token', 'rdme_', '[a-z0-9]{70}', 2),
  ...define('scalingo-token', 'tk-us-', '[\\w-]{48}(?![\\w-])', 2),
  ...define('artifactory-key', 'AKCp', '[A-Za-z0-9]{69}', 4.5),
  ...define('artifactory-token', 'cmVmd', '[A-Za-z0-9]{59}', 4.5),
  ...define('easypost-key', 'EZAK EZTK', '[A-Za-z0-9]{54}(?![A-Za-z0-9/+])', 2),
  ...define('planetscale-token', 'pscale_tkn_ pscale_pw_ pscale_oauth_', '[\\w=.-]{32,64}', 3),
  ...define('newrelic-key', 'NRAK-', '[A-Z0-9]{27}', 3),
  ...define('databento-key', 'secret-token:', '[\\w%.-]{20,200}', 3),
]

const privateKey = /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----/
const connection = /[a-z][a-z0-9+.-]{1,30}:\/\/([^:@/\s"'<>]{0,64}):([^:@/\s"'<>]{1,128})@[^\s"'<>]{1,255}/i

/** `[start, end)` of the secrets in a text that a vendor's prefix, a PEM header or a URL with a password gives away. */
export interface VendorSpan {
  readonly start: number
  readonly end: number
  readonly what: string
}

const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95

function spanAt(text: string, secret: VendorSecret, at: number): VendorSpan | undefined {
  const { prefix, body, entropy, check, id } = secret
  // Within a longer word it is not the prefix of anything; `.atlasv1.` stands in the middle by its nature.
  if (at > 0 && prefix[0] !== '.' && isWord(text.charCodeAt(at - 1))) return undefined
  if (at > 0 && /^[sA-Z]/.test(prefix) && /[-/+]/.test(text[at - 1]!)) return undefined
  body.lastIndex = at + prefix.length
  const found = body.exec(text)
  if (found === null) return undefined
  const [rest] = found
  if (entropyOf(rest) < entropy || /(?:x{10}|X{10}|\*{3}|abcdefghijkl)/.test(rest) || /EXAMPLE$/.test(rest))
    return undefined
  const end = at + prefix.length + rest.length
  return check === undefined || check(text.slice(at, end)) ? { start: at, end, what: id } : undefined
}

/** A PEM key that has a body: forms and documentation show headers alone. */
function privateKeyIn(text: string): VendorSpan | undefined {
  const found = privateKey.exec(text)
  if (found === null) return undefined
  const start = found.index + found[0].length
  const foot = text.indexOf('-----END', start)
  const content = text.slice(start, foot < 0 ? start + 4096 : foot).replace(/\\n|\s/g, '')
  if (content.length < 32) return undefined
  return { start: found.index, end: foot < 0 ? text.length : foot + 8, what: 'private-key' }
}

function connectionIn(text: string): VendorSpan | undefined {
  if (!text.includes('://')) return undefined
  const found = connection.exec(text)
  if (found === null) return undefined
  const [whole, user = '', password = ''] = found
  if (isPlaceholder(password) || /^(?:\$|%|password$|pass$|pw$)/i.test(password) || isPlaceholder(user))
    return undefined
  return { start: found.index, end: found.index + whole.length, what: 'connection-string' }
}

const at = (text: string, index: number): string => text.slice(index, index + 2)
const byStart = new Map<string, readonly VendorSecret[]>()
for (const secret of vendorSecrets) {
  const key = at(secret.prefix, 0)
  byStart.set(key, [...(byStart.get(key) ?? []), secret])
}

/** Is the whole text a vendor's secret, a private key, or a connection string with a password? Linear. */
export function isVendorSecret(text: string): boolean {
  for (const secret of byStart.get(at(text, 0)) ?? []) {
    if (!text.startsWith(secret.prefix)) continue
    const span = spanAt(text, secret, 0)
    if (span !== undefined && span.end === text.length) return true
  }
  if (text.startsWith('-----BEGIN ')) return privateKeyIn(text) !== undefined
  if (text.includes('.atlasv1.')) return findVendorSecrets(text).length > 0
  return text.includes('://') && connectionIn(text)?.start === 0
}

/** Every such secret within a text, in order, without overlap. */
export function findVendorSecrets(text: string): readonly VendorSpan[] {
  const found: VendorSpan[] = []
  for (const secret of vendorSecrets) {
    for (
      let index = text.indexOf(secret.prefix);
      index >= 0;
      index = text.indexOf(secret.prefix, index + 1)
    ) {
      const span = spanAt(text, secret, index)
      if (span !== undefined) found.push(span)
    }
  }
  const key = privateKeyIn(text)
  if (key !== undefined) found.push(key)
  const url = connectionIn(text)
  if (url !== undefined) found.push(url)
  found.sort((a, b) => a.start - b.start || b.end - a.end)
  return found.filter((span, index) => found.slice(0, index).every(other => other.end <= span.start))
}
