const sessions =
  /^(?:;?jsessionid|phpsessid|aspsessionid[a-z]{0,8}|asp\.net_sessionid|session|session[-_.]?(?:id|key|token)|sess[-_]?id|sid|connect\.sid)$/

/**
 * True where a name says "the session of the caller". `WorkflowSid`, `Sid` and `filter[session_id]` name objects: many APIs call
 * their ids so, and a sensor masks them because it cannot tell.
 */
export const namesSession = (name: string): boolean => name !== 'Sid' && sessions.test(name.toLowerCase())

/** Tokens that prove nothing: they repeat a request, or go on in a list. */
export const provesNothing = (name: string): boolean =>
  /^(?:client|idempotency|client[-_]?request|request|page|next|next[-_]?page|continuation|sync|delta|skip)[-_]?token$/i.test(
    name,
  )
