import { maskTokens } from '../../shared/mask-tokens.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { RequestRow } from '../../store/state.ts';

/** One word of shell, whatever stands in it; control characters are shown as escapes. */
const quoted = (text: string): string =>
  `'${sanitize(maskTokens(text), 2000).replaceAll("'", String.raw`'\''`)}'`;

/** What is asked in place of the body that was sent, which is not kept. */
const question = [{ role: 'user', content: 'Say one word.' }];

const bodyOf = ({ path, model, stream }: RequestRow['request']): string => {
  const named = { model: maskTokens(model ?? 'claude-haiku-4-5') };
  if (path.includes('/count_tokens')) return JSON.stringify({ ...named, messages: question });
  return JSON.stringify({ ...named, max_tokens: 16, ...(stream ? { stream } : {}), messages: question });
};

const isMessages = (path: string): boolean => /\/v1\/messages(?:\/count_tokens)?(?:\?|$)/.test(path);

/**
 * The request as a command for a shell, asked of the proxy at `url`: `$TOKEN` stands where a client key belongs, and a
 * short question in place of what was asked. Safe on a terminal, one line for each argument.
 */
export const curlText = ({ request }: RequestRow, url: string): string => {
  const { method, path, stream } = request;
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const body = isMessages(path) ? quoted(bodyOf(request)) : '@body.json';
  const words = [
    `curl${stream ? ' -N' : ''}${method === 'GET' ? '' : ` -X ${quoted(method)}`} ${quoted(url + path)}`,
    '-H "x-api-key: $TOKEN"',
    "-H 'anthropic-version: 2023-06-01'",
    ...(hasBody ? ["-H 'content-type: application/json'", `-d ${body}`] : []),
  ];
  return words.join(' \\\n  ');
};
