import { expect, test } from 'vitest';
import { filterTokens } from '../../source/store/filter-tokens.ts';

test('an expression becomes its pieces, each with its place', () => {
  expect(filterTokens(' !is:retry ("a \\"b"|ms>=5s)')).toEqual({
    tokens: [
      { kind: 'not', at: 1 },
      { kind: 'term', at: 2, field: 'is', operator: ':', value: 'retry', valueAt: 5 },
      { kind: 'open', at: 11 },
      { kind: 'text', at: 12, value: 'a "b' },
      { kind: 'or', at: 19 },
      { kind: 'term', at: 20, field: 'ms', operator: '>=', value: '5s', valueAt: 24 },
      { kind: 'close', at: 26 },
    ],
  });
});

test('what only looks like a term is text: a time, a model with a colon behind a dash', () => {
  expect(filterTokens('12:30 claude-x:latest :')).toEqual({
    tokens: [
      { kind: 'text', at: 0, value: '12:30' },
      { kind: 'text', at: 6, value: 'claude-x:latest' },
      { kind: 'text', at: 22, value: ':' },
    ],
  });
});

test('a quote that is never closed is the problem, at its column', () => {
  expect(filterTokens('a path:"x')).toEqual({
    problem: { column: 8, message: 'this quote is never closed' },
  });
});
