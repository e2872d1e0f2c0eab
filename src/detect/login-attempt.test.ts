import { expect, it } from 'vitest'
import { loginAttemptOf } from './login-attempt.ts'
import { observations, traffic } from './traffic.ts'

const masked = '[redacted:password:0123456789ab]'
const rows: readonly (readonly [string, ReturnType<typeof loginAttemptOf>])[] = [
  [
    `anonymous POST /login body={"username":"Alice","password":"${masked}"} -> 401`,
    { kind: 'login', account: 'alice', password: masked, outcome: 'failure' },
  ],
  [
    `anonymous POST /api/v1/auth/token body={"email":"a@x.example","password":"${masked}"} -> 200 {"token":"t"}`,
    { kind: 'login', account: 'a@x.example', password: masked, outcome: 'success' },
  ],
  [
    `anonymous POST /users/v1/login body={"username":"a","password":"${masked}"} -> 200 {"status":"fail","message":"no"}`,
    { kind: 'login', account: 'a', password: masked, outcome: 'failure' },
  ],
  [
    'anonymous POST /login body={"username":"a","password":"kept"} -> 401',
    { kind: 'login', account: 'a', outcome: 'failure' },
  ],
  [
    `anonymous POST /signup body={"user":{"login":"a","password":"${masked}"}} -> 409 {"error":"taken"}`,
    { kind: 'register', account: 'a', password: masked, outcome: 'failure' },
  ],
  [`anonymous POST /login body={"username":"a","password":"${masked}"} -> 500`, undefined],
  [`alice POST /logout body={"username":"a","password":"${masked}"} -> 200`, undefined],
  [`alice PUT /users/{self}/password body={"password":"${masked}"} -> 204`, undefined],
  [
    'anonymous POST /account/forgot-password body={"email":"A@x.example"} -> 404 {"error":"unknown"}',
    { kind: 'recovery', account: 'a@x.example', outcome: 'failure' },
  ],
  [
    'anonymous POST /password/reset body={"email":"a@x.example","token":"[redacted:token:0123456789ab]"} -> 200',
    undefined,
  ],
  ['alice POST /orders body={"username":"a"} -> 201', undefined],
  ['anonymous GET /login -> 200', undefined],
]

it.each(rows)('reads %s', (text, expected) => {
  const [first] = observations(traffic(text))
  expect(first === undefined ? 'nothing' : loginAttemptOf(first)).toEqual(expected)
})

it('covers the table', () => {
  expect(rows).toHaveLength(12)
})
