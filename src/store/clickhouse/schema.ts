/** One step forward of the calls' schema. Every statement may be run twice: ClickHouse cannot take a half step back. */
export interface CallSchemaStep {
  readonly name: string
  readonly statements: readonly string[]
}

/** Milliseconds in a partition: inserts should touch few of them, retention drops whole ones. */
export const partitionMs = 86_400_000

/** Insert tokens remembered per table: a batch tried again within this many later ones is recognised. */
const rememberedTokens = 10_000

/**
 * The sort key is the order of pages, so a page reads its own few granules. Time leads it; the filters on other columns
 * are helped by skip indexes. Each batch and the part it becomes are synced before the insert is acknowledged.
 */
const calls = `
CREATE TABLE IF NOT EXISTS calls (
  time Int64 CODEC(DoubleDelta, ZSTD(1)),
  id String CODEC(ZSTD(1)),
  batch UInt64 CODEC(T64, ZSTD(1)),
  row UInt32 CODEC(T64, ZSTD(1)),
  endpoint LowCardinality(String),
  principal LowCardinality(String),
  tenant LowCardinality(String),
  host LowCardinality(String),
  method LowCardinality(String),
  status UInt16 CODEC(T64, ZSTD(1)),
  ip String CODEC(ZSTD(1)),
  detectors Array(LowCardinality(String)),
  target String CODEC(ZSTD(1)),
  line String CODEC(ZSTD(3)),
  INDEX calls_id id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX calls_endpoint endpoint TYPE set(256) GRANULARITY 4,
  INDEX calls_principal principal TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX calls_ip ip TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX calls_detectors detectors TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY intDiv(time, ${partitionMs})
ORDER BY (time, id, batch, row)
SETTINGS index_granularity = 2048,
  non_replicated_deduplication_window = ${rememberedTokens},
  fsync_after_insert = 1,
  fsync_part_directory = 1`.trim()

/** `cluster/namespace/name` of the workload at one end, as the line tells it; empty without a name. */
const nameAt = (end: 'source' | 'destination'): string => {
  const part = (key: string): string => `JSONExtractString(line, '${end}', 'workload', '${key}')`
  return `if(${part('name')} = '', '', arrayStringConcat(arrayFilter(x -> x != '', [${['cluster', 'namespace', 'name'].map(part).join(', ')}]), '/'))`
}

/** Calls of before are read for it from their line. */
const workloads = `
ALTER TABLE calls ADD COLUMN IF NOT EXISTS workloads Array(LowCardinality(String))
DEFAULT arrayFilter(x -> x != '', [${nameAt('source')}, ${nameAt('destination')}]) AFTER target`.trim()

/** In order; a step's place in the list is the version it leads to. Only ever appended to. */
export const callSchema: readonly CallSchemaStep[] = [
  { name: '0001-calls', statements: [calls] },
  { name: '0002-workloads', statements: [workloads] },
]

export const schemaVersions = `
CREATE TABLE IF NOT EXISTS calls_schema_versions (version UInt32, name String, applied_at Int64)
ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`.trim()

/** The columns that are written, in the order they are written in. */
export const callColumns = [
  'time',
  'id',
  'batch',
  'row',
  'endpoint',
  'principal',
  'tenant',
  'host',
  'method',
  'status',
  'ip',
  'detectors',
  'target',
  'workloads',
  'line',
] as const
