import { assert, constantFrom, property, string, webUrl } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindSecret, secretFor, secretIn, withSecret } from '../../source/credentials/bound-secret.ts';
import { Secret } from '../../source/shared/secret.ts';

const url = 'https://provider.example/anthropic';
const entry = bindSecret(new Secret('the key'), url);

describe('a stored secret', () => {
  it.each([
    url,
    'https://provider.example',
    'https://provider.example:443/other',
    'https://PROVIDER.example',
  ])('comes back for %s', (baseUrl) => {
    const found = secretFor(entry, baseUrl);
    expect(found.ok && found.secret.reveal()).toBe('the key');
  });

  it.each([
    'http://provider.example',
    'https://provider.example:8443',
    'https://provider.example.evil.example',
    'https://evil.example/https://provider.example',
    'https://xn--provder-9va.example',
    'https://api.provider.example',
    'http://127.0.0.1:9',
  ])('does not for %s, and the host it was given for is named', (baseUrl) => {
    expect(secretFor(entry, baseUrl)).toEqual({ ok: false, boundTo: 'https://provider.example' });
  });

  it('is whatever it was, for its own host and no other (property)', () => {
    assert(
      property(
        string({ minLength: 1 }),
        webUrl(),
        constantFrom('https://a.example', 'http://[::1]:80'),
        (text, own, other) => {
          const stored = bindSecret(new Secret(text), own);
          const found = secretFor(stored, own);
          expect(found.ok && found.secret.reveal()).toBe(text);
          expect(secretFor(stored, other).ok).toBe(new URL(own).origin === new URL(other).origin);
        },
      ),
    );
  });

  it('that was bound already is bound to its first word only: a secret cannot name its own host', () => {
    const sly = bindSecret(new Secret('https://evil.example key'), url);
    expect(secretFor(sly, 'https://evil.example')).toMatchObject({ ok: false });
  });

  it('without a host, of a process that kept none, goes where its account goes', () => {
    const found = secretFor(new Secret('plain key'), url);
    expect(found.ok && found.secret.reveal()).toBe('plain key');
  });
});

it('another secret in an entry is for the same host', () => {
  const other = withSecret(entry, new Secret('another key'));
  expect(secretIn(other).reveal()).toBe('another key');
  expect(secretFor(other, 'https://evil.example')).toEqual({
    ok: false,
    boundTo: 'https://provider.example',
  });
  expect(withSecret(new Secret('unbound'), new Secret('key')).reveal()).toBe('key');
  expect(secretIn(new Secret('unbound')).reveal()).toBe('unbound');
});
