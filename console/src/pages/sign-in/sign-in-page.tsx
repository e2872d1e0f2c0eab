import { Button, PasswordInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { useSignIn } from '../../api/session.ts'
import { safeNext } from '../../format/paths.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Mark } from '../../shell/mark.tsx'
import './sign-in.css'

/** `?code=` from the terminal is exchanged at once; otherwise a token is asked for. */
export default function SignInPage() {
  const [search] = useSearchParams()
  const code = search.get('code')
  const ended = (useLocation().state as { readonly ended?: boolean } | null)?.ended === true
  const next = safeNext(search.get('next'))
  const navigate = useNavigate()
  const signIn = useSignIn()
  const [token, setToken] = useState('')
  const tried = useRef(false)
  const { mutate } = signIn

  useEffect(() => {
    document.title = 'Sign in · Sallyport'
    if (code === null || tried.current) return
    // A code works once: it must not be sent twice, nor stay in the address.
    tried.current = true
    mutate(
      { code },
      { onSettled: (_, error) => navigate(error === null ? next : '/sign-in', { replace: true }) },
    )
  }, [code, mutate, navigate, next])

  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    if (token.trim() !== '')
      mutate({ token: token.trim() }, { onSuccess: () => navigate(next, { replace: true }) })
  }

  return (
    <main className="sign-in">
      <div className="sign-in-brand">
        <Mark size={32} /> Sallyport
      </div>
      {code !== null && signIn.isPending ? (
        <p role="status">Signing you in…</p>
      ) : (
        <form onSubmit={submit} className="stack" style={{ gap: 16 }}>
          <h1 className="page-lead">Sign in with an API token</h1>
          {ended && (
            <p role="status">
              Your session has ended, or its token was revoked. After signing in you are back where you were,
              with what you had typed.
            </p>
          )}
          <p className="dim">
            The easiest way in is the link that <code>sallyport up</code> and <code>sallyport demo</code>{' '}
            print when they start: it signs you in once. A token of your own is made with{' '}
            <code>sallyport token create</code>.
          </p>
          {signIn.error !== null && <ProblemNote doing="Signing in" error={signIn.error} />}
          <PasswordInput
            label="Token"
            autoFocus
            autoComplete="off"
            value={token}
            onChange={event => setToken(event.currentTarget.value)}
          />
          <Button type="submit" loading={signIn.isPending} disabled={token.trim() === ''}>
            Sign in
          </Button>
        </form>
      )}
    </main>
  )
}
