import { isLoopback } from '../config/loopback.ts';
import { isSpared, proxyVariables, sparingVariables } from './company-proxy.ts';
import type { Environment } from '../shared/environment.ts';

type Conflict = {
  clients: readonly string[];
  applies(env: Environment, origin: string): boolean;
  says(origin: string): string;
};

const clouds = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'];

/** Every variable that is looked at here. */
export const conflictVariables: readonly string[] = [
  'ANTHROPIC_API_KEY',
  ...clouds,
  ...new Set(Object.values(proxyVariables).flat()),
  ...sparingVariables,
];

const given = (env: Environment, names: readonly string[]): boolean =>
  names.some((name) => (env[name] ?? '') !== '');

// Observed with Claude Code 2.1.330: the key of the environment travels beside the token of the settings; and its own
// documentation puts the clouds before any base URL.
const conflicts: readonly Conflict[] = [
  {
    clients: ['claude-code'],
    applies: (env) => given(env, ['ANTHROPIC_API_KEY']),
    says: () =>
      'ANTHROPIC_API_KEY is set: Claude Code sends it beside the key from its settings, and a proxy that asks for keys refuses two that differ; unset it',
  },
  {
    clients: ['claude-code'],
    applies: (env) => given(env, clouds),
    says: () =>
      'CLAUDE_CODE_USE_BEDROCK, …_VERTEX or …_FOUNDRY is set: Claude Code then goes to that cloud and not through here; unset it',
  },
  {
    clients: ['claude-code', 'codex'],
    applies(env, origin) {
      const { protocol, hostname } = new URL(origin);
      return given(env, proxyVariables[protocol] ?? []) && isLoopback(hostname) && !isSpared(hostname, env);
    },
    says(origin) {
      const { protocol, hostname } = new URL(origin);
      const scheme = protocol.slice(0, -1).toUpperCase();
      return `a proxy for ${scheme} is set without an exception for this machine; add ${hostname} to NO_PROXY`;
    },
  },
];

/** What else would decide where the client sends its requests, or with which key; one sentence each. */
export const conflictsFor = (client: string, env: Environment, origin: string): string[] =>
  conflicts
    .filter(({ clients, applies }) => clients.includes(client) && applies(env, origin))
    .map(({ says }) => says(origin));
