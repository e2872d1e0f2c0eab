/** Classes of SQL words; one letter each, so that a statement folds to a short string. See `sql-tokens.ts`. */
const table: Readonly<Record<string, string>> = {
  '&': 'and or xor',
  '=': 'like rlike regexp glob in between is similar sounds ilike div mod',
  '!': 'not binary',
  U: 'union except intersect minus',
  S: 'select',
  F: 'from',
  W: 'where',
  H: 'having',
  L: 'limit offset fetch top',
  D: 'as',
  C: 'case',
  T: 'when then else end',
  N: 'null true false unknown',
  Z: 'update',
  z: 'set values',
  Q: 'exec execute call declare begin shutdown merge replace truncate handler prepare kill use grant revoke rename',
  e: 'insert delete drop create alter',
  J: 'join inner outer left right cross natural',
  k: 'by all distinct into table database on using exists any some collate desc asc index view trigger user schema procedure function column',
  i: 'if iif ifnull nullif isnull nvl coalesce elt make_set decode choose',
  X: `sleep benchmark pg_sleep extractvalue updatexml load_file randomblob generate_series make_set xmltype row_count
    sys_eval sys_exec lo_import lo_export pg_read_file name_const gtid_subset json_keys st_latfromgeohash regexp_substring
    load_extension query_to_xml database_to_xml ctxsys.drithsx.sn geometrycollection multipoint polygon multipolygon linestring
    multilinestring exp procedure_analyse dbms_xmlgen.getxml fn_varbintohexstr db_name user_name json_depth json_extract
    fn_get_audit_file find_in_set lo_get starts_with json_valid json_array_length bigint_overflow st_pointfromgeohash pg_ls_dir current_setting group_concat string_agg wait_for_executing_query_completion sqlite_compileoption_used sqlite_compileoption_get`,
  G: `xp_cmdshell xp_dirtree xp_regread xp_fileexist sp_executesql sp_password sp_oacreate sp_makewebtask master..xp_cmdshell
    master.dbo.xp_cmdshell master..xp_dirtree dbms_pipe.receive_message dbms_lock.sleep utl_http.request
    utl_inaddr.get_host_address utl_inaddr.get_host_name dbms_ldap.init dbms_export_extension openrowset opendatasource
    sys.fn_varbintohexstr dbms_session.sleep dbms_scheduler.create_job master.sys.fn_varbintohexstr httpuritype utl_http utl_inaddr utl_file dbms_pipe dbms_java xp_loginconfig xp_regwrite xp_servicecontrol xp_enumgroups sp_addextendedproc sp_prepare sp_sqlexec sp_execute sp_oamethod
    msdasql`,
  M: `information_schema sysobjects syscolumns sysusers sysdatabases sqlite_master sqlite_schema pg_catalog pg_shadow pg_user
    all_tables user_tables all_tab_columns user_tab_columns all_users dba_users msysaccessobjects msysobjects v$version
    mysql.user mysql.db sysibm.systables sysmaster domain.domains domain.columns domain.tables pg_database pg_class pg_tables sys.objects sys.tables
    performance_schema msdb tempdb mysql.innodb_table_stats msysaces msysqueries msysrelationships`,
  f: `count concat concat_ws char chr ascii substring substr mid left right length len database version user current_user
    session_user system_user cast convert upper lower hex unhex md5 sha1 sha2 repeat rand floor min max sum avg group_concat
    ord bin instr locate replace reverse round abs quote trim ltrim rtrim power pow load to_char to_number code unicode
    nchar sqlite_version schema row crypt_key json_object json_array random like date now curdate getdate sysdate log sign
    char_length character_length bit_length last_insert_id found_rows uuid updatexml connection_id format conv space cos sin tan acos asin atan sqrt pi degrees radians crc32 coalesce compress uncompress
    encode decode aes_encrypt aes_decrypt des_encrypt old_password soundex strcmp oct to_base64 from_base64 ceiling ceil truncate bit_count export_set
    date_add date_sub dayname dayofweek from_unixtime unix_timestamp utc_date makedate maketime period_add str_to_date timediff`,
}

const words = new Map<string, string>()
for (const [symbol, list] of Object.entries(table)) {
  // A name that is both a keyword and a function keeps its first class; the parenthesis decides in the tokeniser.
  for (const word of list.split(/\s+/)) if (word !== '' && !words.has(word)) words.set(word, symbol)
}
const functions = new Set(`${table.f} ${table.X} ${table.i}`.split(/\s+/))
const systemPrefixes = [
  'information_schema.',
  'sysibm.',
  'sysmaster',
  'rdb$',
  'pg_catalog.',
  'mysql.',
  'v$',
  'sys.',
  'msys',
  'performance_schema.',
  'domain.',
]

/** The class of a lower-case word, given whether an opening parenthesis follows it directly. */
export function sqlClass(word: string, calls: boolean): string {
  const known = words.get(word)
  if (known === 'G' || known === 'M') return known
  if (
    calls &&
    (known === undefined || known === 'k' || known === 'J' || known === 'Q' || known === '=' || known === 'f')
  ) {
    if (known === '=' && word === 'in') return '='
    return functions.has(word) ? 'f' : known === '=' || known === 'Q' ? known : 'w'
  }
  if (known === 'X' || known === 'i') return calls ? known : 'w'
  if (known === 'f') return 'w'
  if (known !== undefined) return known
  for (const prefix of systemPrefixes) if (word.startsWith(prefix)) return 'M'
  return 'w'
}
