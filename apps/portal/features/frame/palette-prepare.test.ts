import { describe, expect, it } from 'vitest';
import { initials } from './initials.ts';
import { matching, noneText } from './palette-prepare.ts';

const texts = ['Runs', 'Sweeps', 'Compare', 'Use the dark theme'].map((text) => ({ text }));
const found = (query: string, loose = true) =>
  matching(texts, query, loose).map(({ text }) => text);

describe('matching', () => {
  it('gives everything for nothing', () => expect(found(' ')).toHaveLength(4));
  it('puts starts of words before letters in order', () => {
    expect(found('r')[0]).toBe('Runs');
    expect(found('the')).toEqual(['Use the dark theme']);
    expect(found('cmp')).toEqual(['Compare']);
  });
  it('takes letters in order only where it is asked to', () => {
    expect(found('dem')).toEqual(['Use the dark theme']);
    expect(found('dem', false)).toEqual([]);
  });
  it('finds nothing where letters are missing', () => expect(found('xyz')).toEqual([]));
});

it('says that nothing is called so only when it is known', () => {
  expect(noneText('x', true)).toBe('Looking for “x” …');
  expect(noneText('x', false)).toMatch(/^Nothing is called “x”/);
});

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['Jean de la Fontaine', 'JF'],
    ['', '?'],
  ])('%s → %s', (name, letters) => expect(initials(name)).toBe(letters));
});
