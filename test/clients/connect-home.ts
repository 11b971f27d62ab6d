import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import { claudeCode } from '../../source/clients/claude-code.ts';
import { connect } from '../../source/clients/connect.ts';
import { disconnect } from '../../source/clients/disconnect.ts';
import { openReceipts } from '../../source/clients/receipt.ts';
import { Secret } from '../../source/shared/secret.ts';
import { snapshotOf } from './snapshot.ts';

export const origin = 'http://127.0.0.1:4180';
/** What stands in the settings after the first connection. */
export const ours = { ANTHROPIC_BASE_URL: origin, ANTHROPIC_AUTH_TOKEN: 'ccr_key1' };

/** A folder of its own for each test of the file it is called in, with an empty folder `claude` for the settings. */
export const useConnectHome = () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ccr-connect-')));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let home = '';
  let count = 0;
  /** Names of the keys that were kept, and of those that were revoked. */
  const kept: string[] = [];
  const revoked: string[] = [];
  /** The key that each name opens the proxy with. */
  const live = new Map<string, string>();
  const forgetKeys = (): void => {
    kept.length = 0;
    revoked.length = 0;
    live.clear();
  };
  beforeEach(() => {
    count += 1;
    home = join(root, String(count));
    mkdirSync(join(home, 'claude'), { recursive: true });
    forgetKeys();
  });
  const at = (...parts: string[]): string => join(home, ...parts);
  const settings = (): string => at('claude', 'settings.json');
  const connection = (file = settings()) => ({
    client: 'claude-code',
    edit: claudeCode,
    file,
    receipts: openReceipts({ home: at('ccr'), receipts: at('ccr', 'receipts') }),
    keyName: 'claude-code',
    makeKey: () => new Secret(`ccr_key${kept.length + 1}`),
    keepKey: async (name: string, key: Secret) => {
      kept.push(name);
      live.set(name, key.reveal());
    },
    isLive: async (name: string, key: Secret) => live.get(name) === key.reveal(),
    revoke: async (name: string) => {
      revoked.push(name);
      live.delete(name);
    },
  });
  const read = (file = settings()): string => readFileSync(file, 'utf8');
  return {
    kept,
    revoked,
    live,
    forgetKeys,
    at,
    settings,
    connection,
    on: (file?: string, to = origin) => connect({ ...connection(file), origin: to }),
    off: (file?: string, force = false) => disconnect({ ...connection(file), force }),
    read,
    envOf: (file?: string): unknown => (JSON.parse(read(file)) as { env: unknown }).env,
    receiptFiles: (): string[] =>
      existsSync(at('ccr', 'receipts')) ? readdirSync(at('ccr', 'receipts')) : [],
    /** Everything below the home but what is ours. */
    snapshot: (): string => snapshotOf(home, (name) => !name.startsWith('ccr')),
  };
};
