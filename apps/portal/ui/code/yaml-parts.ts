// Tells the parts of one line of YAML apart, for colours only.

export interface YamlPart {
  kind: 'key' | 'value' | 'comment';
  text: string;
}

export function yamlParts(line: string): YamlPart[] {
  const comment = /(^|\s)#.*$/.exec(line);
  const code = comment === null ? line : line.slice(0, comment.index);
  const key = /^(\s*(?:- )*)([\w.-]+:)(.*)$/.exec(code);
  const parts: YamlPart[] =
    key === null
      ? [{ kind: 'value', text: code }]
      : [
          { kind: 'key', text: `${key[1] ?? ''}${key[2] ?? ''}` },
          { kind: 'value', text: key[3] ?? '' },
        ];
  if (comment !== null) parts.push({ kind: 'comment', text: comment[0] });
  return parts.filter((part) => part.text !== '');
}
