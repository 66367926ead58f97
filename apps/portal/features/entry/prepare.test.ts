import { describe, expect, it } from 'vitest';
import { accountIssues, nextPath, signInFault } from './prepare.ts';

describe('accountIssues', () => {
  it('is content with a whole account', () => {
    expect(
      accountIssues({ name: 'Ada', email: 'ada@example.org', password: '0123456789' }),
    ).toEqual({});
  });
  it('names every field that is wrong', () => {
    const issues = accountIssues({ name: ' ', email: 'ada', password: 'short' });
    expect(Object.keys(issues)).toEqual(['name', 'email', 'password']);
    expect(issues.password).toContain('this has 5');
  });
});

describe('signInFault', () => {
  it.each([
    [0, 'UNAVAILABLE'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [429, 'RATE_LIMITED'],
    [500, 'UNAVAILABLE'],
  ])('%d is %s', (status, code) => expect(signInFault(status).code).toBe(code));
});

describe('nextPath', () => {
  it.each([
    [null, '/runs'],
    ['/runs/run_1?tab=logs', '/runs/run_1?tab=logs'],
    ['https://evil.example', '/runs'],
    ['//evil.example', '/runs'],
    ['/\\evil.example', '/runs'],
    ['javascript:alert(1)', '/runs'],
  ])('%s → %s', (next, path) => expect(nextPath(next)).toBe(path));
});
