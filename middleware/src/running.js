/**
 * Puts what every integration offers beside an integration itself.
 * @template {object} Integration
 * @param {import('./protection.js').Protection} protection
 * @param {Integration} integration
 * @returns {Integration & import('./types.d.ts').Running}
 */
export const running = (protection, integration) =>
  Object.assign(integration, { counts: () => protection.counts(), close: () => protection.close() })
