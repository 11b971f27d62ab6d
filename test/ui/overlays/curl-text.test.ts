import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlText } from '../../../source/ui/overlays/curl-text.ts';
import { hostileText } from '../../kit/hostile-text.ts';
import { doneRow, liveRow } from '../sample.ts';

const url = 'http://127.0.0.1:4180';

/** What a shell would give to curl. */
const argumentsOf = (text: string): string[] => {
  const script = `curl() { printf '%s\\0' "$@"; }\n${text}\n`;
  const { stdout, status, stderr } = spawnSync('/bin/sh', ['-c', script], {
    encoding: 'utf8',
    env: { TOKEN: 'the client key' },
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\0').slice(0, -1);
};

describe('a request as a command', () => {
  it('asks the same of the proxy, with the key that the person has in $TOKEN', () => {
    const text = curlText(doneRow(1), url);
    expect(text).toContain('"x-api-key: $TOKEN"');
    const [given, body] = [argumentsOf(text), argumentsOf(text).at(-1) ?? ''];
    expect(given.slice(0, -1)).toEqual([
      '-N',
      '-X',
      'POST',
      `${url}/v1/messages`,
      '-H',
      'x-api-key: the client key',
      '-H',
      'anthropic-version: 2023-06-01',
      '-H',
      'content-type: application/json',
      '-d',
    ]);
    expect(JSON.parse(body)).toEqual({
      model: 'claude-sonnet-4-5-20250929',
      max_tokens: 16,
      stream: true,
      messages: [{ role: 'user', content: 'Say one word.' }],
    });
  });

  it('counts tokens where that was asked, sends nothing with a GET, and no body of which it knows nothing', () => {
    const count = argumentsOf(
      curlText(liveRow(1, { path: '/v1/messages/count_tokens', stream: false }), url),
    );
    expect(JSON.parse(count.at(-1) ?? '')).not.toHaveProperty('max_tokens');
    expect(count).not.toContain('-N');
    const list = argumentsOf(curlText(doneRow(1, { method: 'GET', path: '/v1/models', stream: false }), url));
    expect(list).toEqual([
      `${url}/v1/models`,
      '-H',
      'x-api-key: the client key',
      '-H',
      'anthropic-version: 2023-06-01',
    ]);
    expect(argumentsOf(curlText(doneRow(1, { path: '/v1/files' }), url)).at(-1)).toBe('@body.json');
  });

  it('is one command whatever a client has put into its request', () => {
    const evil = `/v1/x'; echo owned "$(echo owned)" \`echo owned\` $TOKEN\\`;
    const given = argumentsOf(curlText(doneRow(1, { method: "GET' x", path: evil, model: evil }), url));
    expect(given).toContain(`${url}${evil}`);
    expect(given).toContain("GET' x");
  });

  it.each(hostileText)('lets no %s act on the terminal that it is pasted into', (_, text) => {
    for (const path of [text, `/v1/messages?${text}`]) {
      const command = curlText(doneRow(1, { path, model: text, method: text }), url);
      expect(command.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});
