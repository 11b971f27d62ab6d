import { createInterface } from 'node:readline';
import { resolvePaths } from '../../source/config/paths.ts';
import { createClaudeCodeStore } from '../../source/credentials/claude-code-store.ts';
import { openEmergency } from '../../source/credentials/emergency.ts';
import { openRefreshJournal } from '../../source/credentials/refresh-journal.ts';
import { refreshLogin } from '../../source/credentials/refresh.ts';
import { createPostToken } from '../../source/credentials/token-request.ts';
import { systemClock } from '../../source/shared/clock.ts';
import type { AccountId } from '../../source/shared/types.ts';

// One of our processes with a linked login, through the door that every refresh goes through. Arguments: FOLDER TOKEN_URL
// LEAST_WAIT MOST_WAIT HOME. For each line on stdin it makes sure of a valid token, and prints it.

const [folder = '', tokenUrl = '', least = '', most = '', home = ''] = process.argv.slice(2);
const paths = resolvePaths({ CCR_TUI_HOME: home });
const waitMs = [Number(least), Number(most)] as const;
const manners = { staleMs: 60_000, renewMs: 5000, tries: 10_000, waitMs };
const store = createClaudeCodeStore({ folder, clock: systemClock, manners });
const parts = {
  account: 'linked' as AccountId,
  store,
  emergency: openEmergency(paths),
  journal: openRefreshJournal(paths.journal),
  post: createPostToken(),
  clock: systemClock,
  oauth: () => ({ tokenUrl, clientId: 'ours' }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const login = await store.read();
  let words = 'no login';
  if (login !== null && (login.expiresAt ?? 0) > Date.now()) words = login.accessToken.reveal();
  else if (login !== null) {
    const wish = { replace: login.accessToken, ended: null, unstored: null, isWanted: () => true };
    const end = await refreshLogin(parts, wish);
    const isDone = end.kind === 'renewed' || end.kind === 'found';
    words = isDone ? end.login.accessToken.reveal() : JSON.stringify(end);
  }
  process.stdout.write(`${line} ${words}\n`);
}
