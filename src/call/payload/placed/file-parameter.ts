import type { PayloadHit } from '../grammar.ts'

/** Parameters that name a file or a directory of the server's own. */
const fileParameter =
  /(?:^|[_.[-])(?:include(?:s|_(?:path|file|dir))?|inc|abs(?:olute)?_?path|root_?(?:path|dir)|base_?(?:path|dir)|file_?path|path_to|conf\[path|cfg_?path|lib_?path|template_?(?:file|path)|document_?root|phpbb_root_path)\]?$|^_conf\[|_absolute_path$/i

/** An address elsewhere where a file of the server should be named: inclusion of a remote file. */
export function inspectFileParameter(name: string, value: string): PayloadHit | undefined {
  return /^\s?(?:https?|ftps?):\/\/\S{3}/i.test(value) && fileParameter.test(name)
    ? { kind: 'file-inclusion', rule: 'remote-file', confidence: 0.65 }
    : undefined
}
