import { isLoopback } from '../config/loopback.ts';
import { isSpared } from './company-proxy.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Conflict = {
  clients: readonly string[];
  applies(env: Environment, origin: string): boolean;
  says: string;
};

const given = (env: Environment, ...names: string[]): boolean =>
  names.some((name) => (env[name] ?? '') !== '');

// Observed with Claude Code 2.1.330: the key of the environment travels beside the token of the settings; and its own
// documentation puts the clouds before any base URL.
const conflicts: readonly Conflict[] = [
  {
    clients: ['claude-code'],
    applies: (env) => given(env, 'ANTHROPIC_API_KEY'),
    says: 'ANTHROPIC_API_KEY is set: Claude Code sends it beside the key from its settings, and a proxy that asks for keys refuses two that differ; unset it',
  },
  {
    clients: ['claude-code'],
    applies: (env) =>
      given(env, 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'),
    says: 'CLAUDE_CODE_USE_BEDROCK, …_VERTEX or …_FOUNDRY is set: Claude Code then goes to that cloud and not through here; unset it',
  },
  {
    clients: ['claude-code', 'codex'],
    applies: (env, origin) =>
      given(env, 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy') &&
      isLoopback(new URL(origin).hostname) &&
      !isSpared(new URL(origin).hostname, env),
    says: 'a proxy for HTTP is set without an exception for this machine; add 127.0.0.1 to NO_PROXY',
  },
];

/** What else would decide where the client sends its requests, or with which key; one sentence each. */
export const conflictsFor = (client: string, env: Environment, origin: string): string[] =>
  conflicts
    .filter(({ clients, applies }) => clients.includes(client) && applies(env, origin))
    .map(({ says }) => says);
