/** What the tracker's own clients send, by the name of the operation. */
export const documents = {
  Viewer:
    'query Viewer { viewer { id name email workspaces { id name } } workspace { id name members(first: 50) { nodes { id name role } } } }',
  Projects:
    'query Projects($first: Int) { workspace { projects(first: $first) { totalCount nodes { id name key lead { id name } } } } }',
  Board: `query Board($project: ID!) {
  project(id: $project) {
    id
    name
    backlog: issues(status: BACKLOG, first: 10) { totalCount nodes { ...Card } }
    todo: issues(status: TODO, first: 20) { totalCount nodes { ...Card } }
    doing: issues(status: DOING, first: 20) { totalCount nodes { ...Card } }
    review: issues(status: REVIEW, first: 20) { totalCount nodes { ...Card } }
    done: issues(status: DONE, first: 10) { totalCount nodes { ...Card } }
  }
}
fragment Card on Issue { id key title status labels commentCount assignee { id name } }`,
  Issue: `query Issue($id: ID!) {
  issue(id: $id) {
    ...Card
    description
    createdAt
    author { id name }
    project { id name lead { id name } }
    comments(first: 50) { nodes { id body createdAt author { id name } } }
    attachments { id name size }
  }
}
fragment Card on Issue { id key title status labels commentCount assignee { id name } }`,
  Dashboard: `query Dashboard {
  mine: viewer { ...Person }
  workspace {
    id
    projects(first: 20) {
      nodes {
        ...Summary
        open: issues(status: TODO, first: 5) { totalCount nodes { ...Line } }
        running: issues(status: DOING, first: 5) { totalCount nodes { ...Line } }
        waiting: issues(status: REVIEW, first: 5) { totalCount nodes { ...Line comments(first: 2) { nodes { body author { ...Person } } } } }
        closed: issues(status: DONE, first: 1) { totalCount }
      }
    }
  }
}
fragment Person on Member { id name }
fragment Summary on Project { id name key lead { ...Person } members(first: 10) { nodes { ...Person } } }
fragment Line on Issue { id key title status assignee { ...Person } }`,
  Search:
    'query Search($text: String!) { search(text: $text, first: 20) { totalCount nodes { id key title status project { id name } } } }',
  CreateIssue:
    'mutation CreateIssue($input: IssueInput!) { createIssue(input: $input) { id key title status } }',
  UpdateIssue:
    'mutation UpdateIssue($id: ID!, $input: IssuePatch!) { updateIssue(id: $id, input: $input) { id status title } }',
  AddComment:
    'mutation AddComment($issueId: ID!, $body: String!) { addComment(issueId: $issueId, body: $body) { id body createdAt author { id name } } }',
  IntrospectionQuery:
    'query IntrospectionQuery { __schema { types { kind name fields { name type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }',
} as const

export type OperationName = keyof typeof documents
