import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isProcessAlive } from '../../source/control/process-identity.ts';

const pidsIn = (folder: string): string => join(folder, 'keychain.pids');

/**
 * A stand-in for the process that talks to the keychain: it keeps entries in a file. For what is about several stores and not
 * about keychains. Returns the path of the program.
 */
export const fileKeychain = (folder: string): string => {
  const program = join(folder, 'keychain-stand-in.mjs');
  writeFileSync(
    program,
    `import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
     appendFileSync(${JSON.stringify(pidsIn(folder))}, process.pid + '\\n');
     const file = ${JSON.stringify(join(folder, 'keychain.json'))};
     const read = () => { try { return JSON.parse(readFileSync(file, 'utf8')); } catch { return {}; } };
     const write = (entries) => { writeFileSync(file + '.new', JSON.stringify(entries)); renameSync(file + '.new', file); };
     const act = ({ call, account, password }, entries) => {
       if (call === 'list') return Object.keys(entries);
       if (call === 'get') return entries[account] ?? null;
       const there = account in entries;
       if (call === 'set') entries[account] = password; else delete entries[account];
       write(entries);
       return call === 'set' || there;
     };
     process.on('message', (request) => process.send({ id: request.id, ok: true, value: act(request, read()) }));
     process.on('disconnect', () => process.exit());`,
  );
  return program;
};

/** Resolves when those of killed programs have ended: until then one may still carry out what it was told last. */
export const orphansGone = async (folder: string): Promise<void> => {
  const pids = readFileSync(pidsIn(folder), 'utf8').trim().split('\n').map(Number);
  while (pids.some(isProcessAlive)) await nextTurn();
};
