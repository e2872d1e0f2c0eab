import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { usePutSpec } from '../../api/specs.ts'
import { plural } from '../../format/number.ts'
import { sourceOf } from '../../format/spec-file.ts'
import { nameOfFile } from '../../format/specs.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'

/** The server takes no more. */
const largest = 16 << 20

/** A file from this machine becomes a specification under a name; the same name replaces it. */
export function SpecUpload() {
  const [file, setFile] = useState<File | undefined>(undefined)
  const [name, setName] = useState('')
  const put = usePutSpec()
  const mayAct = useMayAct()
  if (!mayAct) return null
  const tooLarge = file !== undefined && file.size > largest
  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault()
    if (file === undefined) return
    put.mutate({ name: name.trim(), source: sourceOf(new Uint8Array(await file.arrayBuffer())) })
  }
  return (
    <Section
      title="Give a specification"
      note="OpenAPI, Swagger, a Postman collection, a GraphQL schema, or a protobuf descriptor set."
    >
      <form className="row spec-upload" onSubmit={event => void submit(event)}>
        <label className="spec-file">
          <span className="spec-file-label">File</span>
          <input
            type="file"
            accept=".yaml,.yml,.json,.graphql,.graphqls,.gql,.sdl,.pb,.desc,.binpb,.protoset"
            onChange={event => {
              const chosen = event.currentTarget.files?.[0]
              setFile(chosen)
              if (chosen !== undefined) setName(nameOfFile(chosen.name))
              put.reset()
            }}
          />
        </label>
        <TextInput
          label="Name"
          placeholder="what it is called here"
          maxLength={100}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          loading={put.isPending}
          disabled={file === undefined || tooLarge || name.trim() === ''}
        >
          Upload
        </Button>
      </form>
      {tooLarge && <p role="alert">The file is larger than the 16 MB that one specification may have.</p>}
      {put.error !== null && <ProblemNote doing="Reading the specification" error={put.error} />}
      {put.data !== undefined && (
        <p role="status">
          {put.data.title} {put.data.version} was taken: {plural(put.data.operations, 'operation')}
          {put.data.problems.length > 0 && `, ${plural(put.data.problems.length, 'warning')}`}.
        </p>
      )}
    </Section>
  )
}
