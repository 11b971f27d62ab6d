import { createInterface } from 'node:readline';
import { resolvePaths } from '../../source/config/paths.ts';
import { openTokens } from '../../source/credentials/open-tokens.ts';
import { createSecretKeeper } from '../../source/credentials/secret-keeper.ts';
import { systemClock } from '../../source/shared/clock.ts';
import type { AccountRecord } from '../../source/shared/types.ts';

// One of our processes with a login in our own vault, through the door that every refresh goes through. Arguments: HOME
// TOKEN_URL RECORD. For each line on stdin it makes sure of a valid token, and prints it; `renew` renews it in any case.

const [home = '', tokenUrl = '', text = ''] = process.argv.slice(2);
const record = JSON.parse(text) as AccountRecord;
const paths = resolvePaths({ CCR_TUI_HOME: home });
const tokens = openTokens({
  keeper: createSecretKeeper({ paths, preference: 'vault' }),
  paths,
  clock: systemClock,
  oauth: () => ({ tokenUrl, clientId: 'ours', refreshLeadMs: 600_000 }),
  onChange: () => undefined,
  onNews: () => undefined,
});
tokens.setAccounts([record]);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'renew') await tokens.refresh(record.id);
  // What another process has renewed is seen by the next look at the store.
  tokens.reload(record.id);
  const { token, problem } = await tokens.tokenOf(record.id);
  process.stdout.write(`${token?.reveal() ?? JSON.stringify(problem)}\n`);
}
