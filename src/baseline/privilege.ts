/** Words of roles that may see what belongs to any user of the application. */
const userWords =
  /(?:^|[^a-z])(?:admin|administrator|superadmin|superuser|root|support|staff|helpdesk|service|moderator|operator|auditor|backoffice|system|internal|platform|compliance)(?:$|[^a-z])/i
/** Words of roles that stand above tenants; `admin` alone does not: every tenant has one. */
const tenantWords =
  /(?:^|[^a-z])(?:superadmin|superuser|root|support|staff|helpdesk|system|internal|platform|backoffice|global|operations?)(?:$|[^a-z])/i

/** Whether a role's name alone says that it crosses owners (or tenants) by design. */
export function crossesByName(role: string, scope: 'user' | 'tenant'): boolean {
  // camelCase and snake_case are words too.
  const words = role.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
  return (scope === 'user' ? userWords : tenantWords).test(words)
}
