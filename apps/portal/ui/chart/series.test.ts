import { describe, expect, it } from 'vitest';
import { canBeLog, type ChartSpec, fileName, nextHidden, toCsv } from './series.ts';

const spec = (points: ChartSpec['series'][number]['points']): ChartSpec => ({
  title: 'Training loss',
  xTitle: 'Step',
  yTitle: 'Loss, mean',
  kind: 'curves',
  formatX: String,
  formatY: String,
  series: [
    { name: 'a "b"', colour: '#000', points },
    { name: 'hidden', colour: '#000', points: [{ x: 1, y: 9 }] },
  ],
});

describe('toCsv', () => {
  it('quotes what needs it, leaves gaps empty and hidden series out', () => {
    const csv = toCsv(
      spec([
        { x: 1, y: 0.5 },
        { x: 2, y: null },
      ]),
      new Set(['hidden']),
    );
    expect(csv).toBe('series,Step,"Loss, mean"\r\n"a ""b""",1,0.5\r\n"a ""b""",2,\r\n');
  });
  it('has the interval where there is one', () => {
    const csv = toCsv(spec([{ x: 1, y: 0.5, low: 0.4, high: null }]), new Set(['hidden']));
    expect(csv.split('\r\n')[1]).toBe('"a ""b""",1,0.5,0.4,');
  });
});

describe('nextHidden', () => {
  const names = ['a', 'b', 'c'];
  it('toggles', () => {
    expect([...nextHidden(names, new Set(), 'a', false)]).toEqual(['a']);
    expect([...nextHidden(names, new Set(['a']), 'a', false)]).toEqual([]);
  });
  it('isolates and gives all back', () => {
    const alone = nextHidden(names, new Set(), 'a', true);
    expect([...alone]).toEqual(['b', 'c']);
    expect([...nextHidden(names, alone, 'a', true)]).toEqual([]);
  });
});

it('offers a log axis for positive values alone', () => {
  expect(
    canBeLog(
      spec([
        { x: 1, y: 0.5 },
        { x: 2, y: null },
      ]),
    ),
  ).toBe(true);
  expect(canBeLog(spec([{ x: 1, y: 0 }]))).toBe(false);
  expect(fileName('Loss: teacher (mean)')).toBe('loss-teacher-mean');
});
