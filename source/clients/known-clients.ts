import type { ClientEdit } from './client-edit.ts';

export type KnownClient = {
  title: string;
  /** What a person types to start it. */
  program: string;
  /** What does not work behind the proxy yet; null when everything does. */
  lacks: string | null;
  /** Loads its editor; the parser it needs costs some milliseconds. */
  load(): Promise<ClientEdit>;
};

/** The programs whose settings we can edit, by the name that a person gives. */
export const knownClients: Readonly<Record<string, KnownClient>> = {
  'claude-code': {
    title: 'Claude Code',
    program: 'claude',
    lacks: null,
    load: async () => (await import('./claude-code.ts')).claudeCode,
  },
  codex: {
    title: 'Codex',
    program: 'codex',
    lacks:
      'Codex needs the Responses route, which is not part of this version: until then each of its requests gets 404',
    load: async () => (await import('./codex.ts')).codex,
  },
};
