import { expect, test } from 'vitest'
import { literal, readInsert, readRequest } from './request.ts'

test('turns settings and parameters into words to a fresh connection', () => {
  const url = new URLSearchParams([
    ['query_id', 'q-1'],
    ['param_a', "it's \\n"],
    ['max_threads', '1'],
    ['database', 'calls'],
    ['wait_end_of_query', '1'],
    ['default_format', 'JSONEachRow'],
  ])
  expect(readRequest(url, ' SELECT {a:String} ')).toEqual({
    sql: 'SELECT {a:String}',
    queryId: 'q-1',
    format: 'JSONEachRow',
    preparation: "USE calls; SET param_a = 'it\\'s \\\\n', max_threads = '1'",
  })
})

test('refuses names that could end the statement, and what it does not do', () => {
  const bad: readonly (readonly [name: string, value: string])[] = [
    ["x = '1'; DROP TABLE calls --", '1'],
    ['1a', '1'],
    ['database', 'a; DROP DATABASE default'],
    ['session_id', 's'],
    ['user', 'root'],
  ]
  let refused = 0
  for (const [name, value] of bad) {
    expect(() => readRequest(new URLSearchParams([[name, value]]), 'SELECT 1')).toThrow(
      expect.objectContaining({ code: 36 }),
    )
    refused += 1
  }
  expect(refused).toBe(5)
  expect(() => readRequest(new URLSearchParams(), '  ')).toThrow(expect.objectContaining({ code: 62 }))
})

test('a literal cannot be left from within', () => {
  expect(literal("a'b")).toBe("'a\\'b'")
  expect(literal("a\\'; DROP TABLE calls --")).toBe("'a\\\\\\'; DROP TABLE calls --'")
})

test('takes an insert apart, and nothing that only looks like one', () => {
  expect(readInsert('INSERT INTO calls (time, id) FORMAT TabSeparated\n')).toEqual({
    table: 'calls',
    columns: ['time', 'id'],
    format: 'TabSeparated',
  })
  expect(readInsert('INSERT INTO db.calls FORMAT JSONEachRow')).toEqual({
    table: 'db.calls',
    format: 'JSONEachRow',
  })
  const others = [
    'SELECT 1',
    'INSERT INTO calls SELECT * FROM other',
    'INSERT INTO calls; DROP TABLE calls FORMAT CSV',
    '',
  ]
  expect(others.map(readInsert)).toEqual([undefined, undefined, undefined, undefined])
})
