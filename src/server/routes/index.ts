import type { Route } from '../route.ts'
import { listAudit } from './audit.ts'
import { setBypass, showBypass } from './bypass.ts'
import { callHistogram, exportCalls, listCalls, showCall } from './calls.ts'
import { listChanges } from './changes.ts'
import { listDecisions, showDecision, summarizeDecisions } from './decisions.ts'
import { listDetectors, setDetector, showDetector, testDetector } from './detectors.ts'
import { dismissIncident, giveFeedback, listSuppressions, removeSuppression } from './dismissals.ts'
import { labelEndpoint } from './endpoint-labels.ts'
import { listEndpoints, showEndpoint } from './endpoints.ts'
import { listEvents } from './events.ts'
import { listExamples } from './examples.ts'
import { exportCatalog } from './exports.ts'
import { dismissFinding, listFindings, reopenFinding, showFinding } from './findings.ts'
import { exportGraph, listEntitlements, listNodes, listPaths, showGraph, showReach } from './graph.ts'
import { health } from './health.ts'
import { actOnIncident, closeIncident, listIncidents, reopenIncident, showIncident } from './incidents.ts'
import { live } from './live.ts'
import { metrics } from './metrics.ts'
import { openapi } from './openapi.ts'
import { overview } from './overview.ts'
import { addPin, deletePin, listPins } from './pins.ts'
import {
  checkPolicy,
  deletePolicy,
  listPolicies,
  policyHistory,
  promotePolicy,
  putPolicy,
  recommendPolicy,
  rollbackPolicy,
  showPolicy,
  simulatePolicy,
} from './policies.ts'
import { showPolicyLanguage } from './policy-language.ts'
import { listPrincipals, showPrincipal } from './principals.ts'
import {
  addQuarantine,
  extendQuarantine,
  listQuarantine,
  previewOfQuarantine,
  releaseQuarantine,
} from './quarantine.ts'
import { showRecommendation } from './recommendations.ts'
import { listReviews } from './reviews.ts'
import { listSensors } from './sensors.ts'
import { signIn, signOut, whoAmI } from './session.ts'
import { listSignals } from './signals.ts'
import { deleteSpec, listSpecs, putSpec } from './specs.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'
import { noteVisit } from './visits.ts'
import { whyCall } from './why.ts'
import { listWorkloads, showWorkload } from './workloads.ts'

/**
 * Every route there is. What each takes and answers with stands in the page made from this list, `docs/reference/api.md`; the shapes of
 * the answers are in `../api/`, one noun a file. Times in them are RFC 3339 where they are text, milliseconds since the epoch where numbers.
 */
export const routes: readonly Route[] = [
  ...[health, signIn, whoAmI, signOut, overview],
  ...[listEndpoints, showEndpoint, labelEndpoint, listExamples],
  ...[listReviews, listPins, addPin, deletePin],
  ...[listChanges, exportCatalog, listPrincipals, showPrincipal],
  ...[listCalls, exportCalls, callHistogram, showCall, whyCall],
  ...[listSignals, listIncidents, showIncident, actOnIncident, closeIncident, reopenIncident],
  ...[dismissIncident, giveFeedback, listSuppressions, removeSuppression, noteVisit],
  ...[listDetectors, showDetector, setDetector, testDetector],
  ...[listFindings, showFinding, dismissFinding, reopenFinding],
  ...[listQuarantine, addQuarantine, previewOfQuarantine, extendQuarantine, releaseQuarantine],
  ...[
    listPolicies,
    showPolicy,
    putPolicy,
    deletePolicy,
    checkPolicy,
    simulatePolicy,
    listDecisions,
    summarizeDecisions,
    showDecision,
    showPolicyLanguage,
  ],
  ...[policyHistory, promotePolicy, rollbackPolicy, recommendPolicy],
  ...[listSensors, listAudit, listTokens, createToken, revokeToken, showBypass, setBypass],
  ...[listSpecs, putSpec, deleteSpec],
  ...[showGraph, listPaths, showReach, listNodes, listEntitlements, exportGraph],
  ...[listWorkloads, showWorkload, listEvents, showRecommendation],
  ...[live, openapi, metrics],
]
