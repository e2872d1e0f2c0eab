import type { FileFormat } from '../file-format.ts'
import { accessLog } from './access-log.ts'
import { har } from './har.ts'
import { jsonAccessLog } from './json-access-log.ts'
import { jsonl } from './jsonl.ts'
import { otlp } from './otlp.ts'

/** In the order they are tried. */
export const fileFormats: readonly FileFormat[] = [jsonl, otlp, har, jsonAccessLog, accessLog]
