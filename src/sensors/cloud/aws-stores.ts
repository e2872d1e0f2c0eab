import type { JsonRecord } from '../../call/field-reader.ts'
import { known, listAt, recordAt, textAt } from '../files/fields.ts'
import { nameOf, type Store } from './cloud-use.ts'

/** The stores that a request to AWS reached: names only, never an object's key, an item or a statement. */
type StoreReader = (parameters: JsonRecord | undefined, record: JsonRecord) => readonly Store[]

const named = (system: string, collection: string | undefined, more: Partial<Store> = {}): Store => ({
  system,
  ...more,
  ...known({ collection: nameOf(collection) }),
})

/** The last part of an ARN, or the text itself. */
const lastPart = (text: string | undefined): string | undefined => text?.slice(text.lastIndexOf('/') + 1)

/** `arn:aws:secretsmanager:eu-west-1:1:secret:shop/db-AbCdEf` → `shop/db`; a name stays as it is. */
const secretName = (text: string | undefined): string | undefined =>
  text?.startsWith('arn:') === true ? text.split(':', 7)[6]?.replace(/-[A-Za-z0-9]{6}$/, '') : text

/** The resource of that type that the record names itself. */
function resource(record: JsonRecord, type: string): string | undefined {
  for (const entry of listAt(record, 'resources').slice(0, 16))
    if (textAt(entry, 'type') === type) return textAt(entry, 'ARN')
  return undefined
}

/** A text, or each of a list of texts, or of the objects of a list; 32 at most. */
function textsAt(record: JsonRecord | undefined, path: string, inner?: string): string[] {
  const value = record?.[path]
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return []
  const texts = inner === undefined ? value : value.map(entry => textAt(entry as JsonRecord, inner))
  return texts.filter((text): text is string => typeof text === 'string').slice(0, 32)
}

const dynamo: StoreReader = parameters => {
  const single = textAt(parameters, 'tableName') ?? textAt(parameters, 'tableArn')
  const batch = Object.keys(recordAt(parameters, 'requestItems') ?? {})
  const transaction = listAt(parameters, 'transactItems').flatMap(item =>
    Object.values(item).map(part => textAt(part as JsonRecord, 'tableName')),
  )
  const names = single === undefined ? [...batch, ...transaction] : [single]
  return [...new Set(names)].slice(0, 32).map(name => named('aws.dynamodb', lastPart(name)))
}

/** By the source of the event. */
const readers: Readonly<Record<string, StoreReader>> = {
  's3.amazonaws.com': (parameters, record) => {
    const bucket = textAt(parameters, 'bucketName') ?? resource(record, 'AWS::S3::Bucket')?.split(':::')[1]
    return bucket === undefined ? [] : [named('aws.s3', bucket)]
  },
  'dynamodb.amazonaws.com': dynamo,
  'rds-data.amazonaws.com': parameters => [
    named('aws.rds', textAt(parameters, 'schema'), {
      ...known({
        host: nameOf(textAt(parameters, 'resourceArn')?.split(':')[6]),
        namespace: nameOf(textAt(parameters, 'database')),
      }),
    }),
  ],
  'secretsmanager.amazonaws.com': (parameters, record) => {
    const ids = [
      ...textsAt(parameters, 'secretId'),
      ...textsAt(parameters, 'secretIdList'),
      ...textsAt(parameters, 'name'),
    ]
    const given = ids.length > 0 ? ids : [resource(record, 'AWS::SecretsManager::Secret')]
    return given.map(id => named('aws.secretsmanager', secretName(id)))
  },
  'kms.amazonaws.com': (parameters, record) => [
    named('aws.kms', lastPart(resource(record, 'AWS::KMS::Key') ?? textAt(parameters, 'keyId'))),
  ],
  'ssm.amazonaws.com': parameters => {
    const names = [
      ...textsAt(parameters, 'name'),
      ...textsAt(parameters, 'names'),
      ...textsAt(parameters, 'path'),
    ]
    return names.map(name => named('aws.ssm', name.replace(/^arn:[^/]{0,128}:parameter/, '')))
  },
  'sqs.amazonaws.com': parameters => queue('aws.sqs', textAt(parameters, 'queueUrl')),
  'sns.amazonaws.com': parameters => queue('aws.sns', textAt(parameters, 'topicArn')?.replaceAll(':', '/')),
  'kinesis.amazonaws.com': parameters => queue('aws.kinesis', textAt(parameters, 'streamName')),
  'athena.amazonaws.com': parameters => {
    const database = textAt(parameters, 'queryExecutionContext.database')
    return database === undefined ? [] : [named('aws.athena', undefined, { namespace: database })]
  },
  'redshift-data.amazonaws.com': parameters => [
    {
      system: 'aws.redshift',
      ...known({
        host: nameOf(textAt(parameters, 'clusterIdentifier') ?? textAt(parameters, 'workgroupName')),
        namespace: nameOf(textAt(parameters, 'database')),
      }),
    },
  ],
}

const queue = (system: string, name: string | undefined): readonly Store[] =>
  name === undefined ? [] : [named(system, lastPart(name))]

/** Calls on these services that look at the service and at no store. */
const looksAround =
  /^(?:List(?:Buckets|Tables|Secrets|Keys|Aliases|Queues|Topics|Streams|Grants|Tags)|Describe(?:Endpoints|Limits|Parameters)|GetRandomPassword|GenerateRandom|GetCallerIdentity)/

export function awsStores(
  eventSource: string,
  eventName: string,
  parameters: JsonRecord | undefined,
  record: JsonRecord,
): readonly Store[] {
  const reader = readers[eventSource.toLowerCase()]
  if (reader === undefined || looksAround.test(eventName)) return []
  return reader(parameters, record)
}
