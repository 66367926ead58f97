'use client';
// A YAML editor: issues in the margin and under the text, in step with what stands beside it.
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { tags } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'react';
import styles from './yaml.module.css';

export interface EditorIssue {
  path: string;
  reason: string;
  fix: string;
  from: number;
  to: number;
}

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--ink-3)' },
  { tag: [tags.string, tags.content, tags.number, tags.bool], color: 'var(--ink)' },
  {
    tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace],
    color: 'var(--ink-3)',
  },
]);

export default function YamlEditor({
  value,
  issues,
  label,
  onChange,
}: {
  value: string;
  issues: readonly EditorIssue[];
  label: string;
  onChange: (text: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });

  useEffect(() => {
    if (box.current === null) return;
    const view = new EditorView({
      doc: latest.current.value,
      parent: box.current,
      extensions: [
        basicSetup,
        yaml(),
        lintGutter(),
        syntaxHighlighting(highlight),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          const text = update.state.doc.toString();
          if (text !== latest.current.value) latest.current.onChange(text);
        }),
      ],
    });
    editor.current = view;
    return () => {
      view.destroy();
      editor.current = null;
    };
  }, [label]);

  useEffect(() => {
    const view = editor.current;
    if (view === null) return;
    const doc = view.state.doc.toString();
    if (doc !== value) view.dispatch({ changes: { ...difference(doc, value) } });
    const size = view.state.doc.length;
    const diagnostics = issues.map(({ path, reason, fix, from, to }) => ({
      from: Math.min(from, size),
      to: Math.min(to, size),
      severity: 'error' as const,
      message: `${path === '' ? '' : `${path}: `}${reason}. ${fix}`,
    }));
    diagnostics.sort((a, b) => a.from - b.from);
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }, [value, issues]);

  return <div ref={box} className={styles.editor} />;
}

/** The one stretch in which two texts differ, so that caret and scroll stay where they are. */
function difference(old: string, next: string): { from: number; to: number; insert: string } {
  let from = 0;
  while (from < old.length && from < next.length && old[from] === next[from]) from++;
  let end = 0;
  const most = Math.min(old.length, next.length) - from;
  while (end < most && old.at(-1 - end) === next.at(-1 - end)) end++;
  return { from, to: old.length - end, insert: next.slice(from, next.length - end) };
}
