// YAML to read: keys, values and comments told apart, nothing to edit.
import { Fragment } from 'react';
import styles from './yaml.module.css';
import { yamlParts } from './yaml-parts.ts';

export function YamlText({ text, label }: { text: string; label: string }) {
  return (
    <pre className={styles.text} tabIndex={0} role="region" aria-label={label}>
      {text.split('\n').map((line, index) => (
        <Fragment key={index}>
          {yamlParts(line).map((part, at) => (
            <span key={at} className={styles[part.kind]}>
              {part.text}
            </span>
          ))}
          {'\n'}
        </Fragment>
      ))}
    </pre>
  );
}
