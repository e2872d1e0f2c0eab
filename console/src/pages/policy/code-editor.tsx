import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentLess, insertTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { type RefObject, useEffect, useImperativeHandle, useRef } from 'react'
import type { PolicyProblemView } from '../../../../src/server/api/policy-check.ts'
import { offersAt, type Vocabulary } from '../../format/policy-completion.ts'

/** What can be done with an editor from outside. */
export interface CodeEditorHandle {
  /** 1-based. */
  goTo(line: number, column: number): void
}

interface CodeEditorProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly problems: readonly PolicyProblemView[]
  readonly vocabulary: Vocabulary | undefined
  readonly onSave: () => void
  readonly handle: RefObject<CodeEditorHandle | null>
}

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--dim)', fontStyle: 'italic' },
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: [tags.keyword, tags.bool, tags.null, tags.number], color: 'var(--high)' },
])

/** An editor of policies: offers what fits, marks what is wrong, and lets the keyboard out by Escape and Tab. */
export function CodeEditor(props: CodeEditorProps) {
  const { label, value, problems, handle } = props
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | undefined>(undefined)
  const latest = useRef(props)
  latest.current = props

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is made once, and follows what changes by the effects below.
  useEffect(() => {
    if (place.current === null) return undefined
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({ doc: value, extensions: extensionsFor(latest, label) }),
    })
    view.current = made
    return () => {
      view.current = undefined
      made.destroy()
    }
  }, [])

  // A stored version that is loaded, a draft that is chosen: not what was typed here.
  useEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (editor !== undefined) editor.dispatch(setDiagnostics(editor.state, marksOf(editor.state, problems)))
  }, [problems])

  useImperativeHandle(handle, () => ({
    goTo: (line, column) => {
      const editor = view.current
      if (editor === undefined) return
      const anchor = offsetOf(editor.state, line, column)
      editor.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
      editor.focus()
    },
  }))

  return <div className="code-editor" ref={place} />
}

function extensionsFor(latest: RefObject<CodeEditorProps>, label: string) {
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    indentUnit.of('  '),
    EditorState.tabSize.of(2),
    yaml(),
    syntaxHighlighting(colours),
    placeholder('Write a policy here'),
    autocompletion({
      override: [context => complete(context, latest.current.vocabulary)],
      maxRenderedOptions: 60,
    }),
    Prec.high(
      keymap.of([
        { key: 'Tab', run: acceptCompletion },
        { key: 'Tab', run: insertTab, shift: indentLess },
        {
          key: 'Mod-s',
          preventDefault: true,
          run: () => {
            latest.current.onSave()
            return true
          },
        },
      ]),
    ),
    // After Escape the next Tab leaves the editor, until something is typed; also where Escape closed what was offered.
    Prec.highest(
      EditorView.domEventHandlers({
        keydown: (event, editor) => {
          if (event.key === 'Escape') editor.setTabFocusMode(true)
          return false
        },
      }),
    ),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': 'policy-editor-keys',
      spellcheck: 'false',
      autocapitalize: 'off',
    }),
    EditorView.updateListener.of(update => {
      if (!update.docChanged) return
      update.view.setTabFocusMode(false)
      const text = update.state.doc.toString()
      if (text !== latest.current.value) latest.current.onChange(text)
    }),
  ]
}

const sections = {
  fact: 'variable',
  function: 'function',
  key: 'property',
  value: 'constant',
  template: 'text',
}

function complete(context: CompletionContext, vocabulary: Vocabulary | undefined): CompletionResult | null {
  if (vocabulary === undefined) return null
  const offers = offersAt(context.state.doc.toString(), context.pos, vocabulary)
  if (offers === undefined) return null
  // Unasked it comes once something is typed, or where a value is due.
  if (!context.explicit && offers.from === context.pos && context.matchBefore(/[:[,{"] ?$/) === null)
    return null
  return {
    from: offers.from,
    options: offers.options.map(({ label, detail, apply, kind }) => ({
      label,
      detail,
      type: sections[kind],
      ...(apply === undefined ? {} : { apply }),
    })),
    validFor: /^[\w.-]*$/,
  }
}

function offsetOf(state: EditorState, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines))
  return Math.min(found.to, found.from + Math.max(0, column - 1))
}

/** Each problem at its place, as long as the word that stands there. */
function marksOf(state: EditorState, problems: readonly PolicyProblemView[]): Diagnostic[] {
  return problems.flatMap(({ line, column, severity, message, mend }) => {
    if (line === undefined) return []
    const from = offsetOf(state, line, column ?? 1)
    const rest = state.doc.sliceString(from, state.doc.lineAt(from).to)
    const length = Math.max(1, /^["']?[\w.-]*/.exec(rest)?.[0].length ?? 1)
    const to = Math.min(state.doc.length, from + length)
    return [{ from, to, severity, message: mend === undefined ? message : `${message} ${mend}` }]
  })
}
