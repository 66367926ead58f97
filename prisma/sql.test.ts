// The SQL template: values become parameters, fragments nest.
import { describe, expect, it } from 'vitest';
import { cleanText, joined, json, nothing, render, sql, verbatim } from './sql.ts';

describe('sql', () => {
  it('numbers values through nested fragments', () => {
    const condition = sql`b = ${2} AND c = ${'x'}`;
    const query = sql`SELECT ${1} WHERE ${condition} ${nothing} AND d = ${null}`;
    expect(render(query)).toEqual({
      text: 'SELECT $1 WHERE b = $2 AND c = $3  AND d = $4',
      values: [1, 2, 'x', null],
    });
  });

  it('never lets a value into the text', () => {
    const { text, values } = render(sql`SELECT ${"'; DROP TABLE run; --"}`);
    expect(text).toBe('SELECT $1');
    expect(values).toEqual(["'; DROP TABLE run; --"]);
  });

  it('joins fragments and takes undefined for null', () => {
    const list = joined([sql`a = ${1}`, verbatim('b'), sql`c = ${undefined}`], ', ');
    expect(render(list)).toEqual({ text: 'a = $1, b, c = $2', values: [1, null] });
    expect(render(joined([], ', ')).text).toBe('');
  });
});

describe('text for PostgreSQL', () => {
  it('has no NUL and no half surrogate pairs, deep inside JSON neither', () => {
    expect(cleanText('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
    expect(json({ a: ['\0', { b: '\udc00' }], c: 1 })).toBe(
      '{"a":["\ufffd",{"b":"\ufffd"}],"c":1}',
    );
    expect(json(undefined)).toBeNull();
    expect(json(null)).toBeNull();
    expect(json(0)).toBe('0');
  });
});
