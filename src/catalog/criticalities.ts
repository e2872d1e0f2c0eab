/** What an endpoint can be for, the most critical first. */
export const criticalities = [
  'admin',
  'payment',
  'authentication',
  'export',
  'personal-data',
  'other',
] as const
