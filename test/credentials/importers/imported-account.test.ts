import { expect, test } from 'vitest';
import {
  anthropicKey,
  capsOfPercent,
  recordsOf,
  tokensOf,
} from '../../../source/credentials/importers/imported-account.ts';

test('limits in per cent are caps; 100 is none, and 0 pauses', () => {
  expect(capsOfPercent({ '5h': 80, '7d': 100 })).toEqual({ caps: { '5h': 0.8 }, paused: false, notes: [] });
  expect(capsOfPercent({ '5h': null, '7d': 'x' })).toEqual({ caps: null, paused: false, notes: [] });
  expect(capsOfPercent({ '5h': -3, '7d': 120 })).toMatchObject({ caps: null, paused: true });
});

test('tokens are a login with a refresh token, and a setup-token without', () => {
  const both = tokensOf({ accessToken: 'sk-ant-oat01-x', refreshToken: 'sk-ant-ort01-x', expiresAt: 1 });
  expect(both?.kind).toBe('login');
  expect(tokensOf({ accessToken: 'sk-ant-oat01-x', refreshToken: '', expiresAt: 1 })?.kind).toBe(
    'setup-token',
  );
  expect(tokensOf({ accessToken: '', refreshToken: 'sk-ant-ort01-x', expiresAt: 1 })).toBeNull();
});

test('a key says itself whether it is one of the Console', () => {
  expect(anthropicKey('sk-ant-api03-x')?.kind).toBe('api-key');
  expect(anthropicKey('sk-ant-oat01-x')?.kind).toBe('setup-token');
  expect(anthropicKey('sk-other')).toBeNull();
});

test('only the records of a list count, with their places', () => {
  expect(recordsOf([null, { a: 1 }, [2]])).toEqual([[1, { a: 1 }]]);
  expect(recordsOf({ 0: {} })).toEqual([]);
});
