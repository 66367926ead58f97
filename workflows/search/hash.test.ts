// The hand-written SHA-256 against the standard's examples and Node's own.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256 } from './hash.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

it('gives the digests of FIPS 180-4', () => {
  expect(hex(sha256('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(hex(sha256(''))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

it('agrees with Node for every length around the block borders', () => {
  for (let n = 0; n < 200; n++) {
    const text = 'sweep/0123456789'.repeat(13).slice(0, n);
    expect(hex(sha256(text))).toBe(createHash('sha256').update(text).digest('hex'));
  }
});

it('refuses what is not ASCII', () => {
  expect(() => sha256('é')).toThrow(RangeError);
});
