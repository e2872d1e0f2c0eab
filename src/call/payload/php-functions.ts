const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Functions of PHP that run, read, write or unpack, and that no other text names. */
export const hostileFunctions = set(
  `passthru shell_exec popen proc_open proc_nice proc_close pcntl_exec pcntl_fork gzdecode gzuncompress gzinflate bzdecompress zlib_decode
   scandir opendir highlight_file show_source parse_ini_file unserialize phpinfo create_function call_user_func call_user_func_array
   file_get_contents file_put_contents base64_decode base64_encode str_rot13 preg_replace var_dump print_r fsockopen pfsockopen readfile fpassthru
   move_uploaded_file ini_set ini_get ini_restore get_defined_vars get_defined_functions assert_options register_shutdown_function
   register_tick_function ob_start array_map array_filter array_walk usort uasort uksort func_get_args getenv putenv
   get_current_user getmypid posix_getpwuid posix_getuid posix_getegid posix_geteuid posix_kill posix_mkfifo posix_setuid php_uname phpversion
   php_sapi_name sys_get_temp_dir symlink readlink chmod chown mkdir rmdir unlink tempnam tmpfile fputs fwrite fgets fread fputcsv fopen
   file_exists is_callable is_dir is_file curl_exec curl_init curl_multi_exec mysql_query mysqli_query pg_query sqlite_query
   hex2bin bin2hex convert_uudecode gzcompress gzencode strrev str_replace substr_replace implode explode chr
   extract import_request_variables parse_str dl mb_ereg_replace ereg_replace xmlrpc_entity_decode filter_var filter_input iterator_apply
   forward_static_call stream_socket_client stream_get_contents session_start setcookie header_register_callback apache_setenv apache_child_terminate strip_tags substr strpos stripos ucwords nl2br intval strval settype gettype unpack
   error_log syslog openlog eval_r http_get http_post ftp_connect ftp_get ftp_put ssh2_exec`,
)

/** Also everyday words: they count where the text around them is code. */
export const shortFunctions = set(
  `exec system eval assert die exit include include_once require require_once echo print printf sprintf mail header link copy rename touch
   file glob md5 sha1 crypt date time sleep usleep rand key end next current each list array compact define constant return unset isset
   chdir chroot dir stat ord trim join split sort reset flush pack range min max abs pow log`,
)

/** Families of PHP's extensions: a call of `array_…(` or `ldap_…(` is one of them. */
export const functionFamily =
  /^(?:array|str|pg|ldap|odbc|oci|sodium|tidy|zend|mb|mysqli?|sqlite|mssql|sqlsrv|curl|gz|zip|posix|pcntl|stream|socket|preg|openssl|mcrypt|hash|ob|ini|file|func|imap|ftp|xml|xmlwriter|simplexml|dom|libxml|json|iconv|image|imagecreatefrom|exif|session|spl|class|method|get|date|timezone|dba|dbase|fann|gmp|bc|intl|readline|shmop|sem|shm|msg|snmp|ssh2|svn|wincache|apcu?|opcache|apache|http|dns|net|inet|ctype|iterator|debug|error|trigger|set|restore|register|unregister|is|call|forward|highlight|php|sys|disk|fdf|pspell|enchant|gettext|cal|easter|jd|yaml|yaz|ibase|ifx|ingres|maxdb|msql|fbsql|cubrid|db2)_[a-z0-9_]{2,60}$/

/** Alone with its parenthesis, these names are nothing else either. */
export const plainFamily =
  /^(?:gethostby(?:name|addr|namel)|getmx(?:rr)|checkdnsrr|phpcredits|phpversion|php_uname|getrusage|getlastmod|getmy(?:uid|gid|pid|inode)|get_\w{3,40}|strto(?:lower|upper|time|tok)|ucfirst|lcfirst|htmlspecialchars|htmlentities|nl2br|levenshtein|soundex|metaphone|serialize|var_export|sprintf|vsprintf|fscanf|fflush|ftruncate|rewind|fseek|touch|umask|is_\w{3,30})$/
