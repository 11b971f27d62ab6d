import { ownProgram, runOwn, type OwnOutput } from './own-program.ts';
import type { Environment } from './shared/environment.ts';
import { isRecord } from './shared/is-record.ts';
import type { ClientChange, ConnectsClient } from './ui/outside.ts';

const changeOf = ({ printed }: OwnOutput): ClientChange => {
  const shown = isRecord(printed) ? printed : {};
  const { path, url, changed, created, notes, diff } = shown;
  return {
    path: typeof path === 'string' ? path : '',
    url: typeof url === 'string' ? url : '',
    changed: changed === true,
    created: created === true,
    notes: Array.isArray(notes) ? notes.filter((each) => typeof each === 'string') : [],
    diff: typeof diff === 'string' ? diff : null,
  };
};

/** Claude Code, pointed at the proxy by this program's own `connect`, which leaves a receipt for `disconnect`. */
export const createConnectsClient = (env: Environment, program = ownProgram): ConnectsClient => ({
  look: async () => changeOf(await runOwn(env, ['connect', 'claude-code', '--dry-run'], program)),
  carryOut: async () => changeOf(await runOwn(env, ['connect', 'claude-code'], program)),
});
